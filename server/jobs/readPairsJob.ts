import { existsSync } from 'node:fs';
import { join, basename } from 'node:path';
import { throwIfCancelled, type JobContext } from '../context.js';
import { metadataOf } from '../export/describedRows.js';
import { pairTableFile, writePairTable, type PairTerms } from '../pairs/pairTable.js';
import type { RequestResults, ValidParams } from '../protocol/contract.js';
import type { PairLeft } from '../protocol/pairs.js';
import type { GroundSet } from './groundSet.js';
import { breathe, ProgressReporter } from './progress.js';
import { openRecorded, openRecordedGround } from './recordedGround.js';

/** Writes what is known of every pair of a subset's dataset, picked or not, into a table that queries read. */
export async function readPairsJob(
  params: ValidParams<'readPairs'>,
  context: JobContext,
): Promise<RequestResults['readPairs']> {
  const { file, document, workspace } = await openRecorded(params, context);
  const progress = new ProgressReporter(context);
  let close = async (): Promise<void> => undefined;
  try {
    const name = basename(pairTableFile(file, document, params.store));
    const table = join(workspace.home, 'pairs', name);
    if (existsSync(table)) return { pairs: document.dataset.pairs };
    const { ground, store } = await openRecordedGround(file, document, params, workspace, context, progress);
    close = () => ground.pool.close();
    progress.begin('read', 'pairs');
    const total = 2 * store.rows;
    const checkpoint = async (done: number): Promise<void> => {
      throwIfCancelled(context);
      progress.update(done, total);
      await breathe();
    };
    const terms = await termsOf(ground, checkpoint);
    await workspace.makeHome();
    await writePairTable(table, terms, metadataOf(store), (done) => checkpoint(store.rows + done));
    return { pairs: store.rows };
  } finally {
    await close();
    await workspace.release();
  }
}

/** The terms do not depend on the weights; with these the weighted sum is inter itself. */
const INTER_ALONE = { cross: 0, self: 0, label: 0, inter: -1, redundancy: 0, balance: 0 };

async function termsOf(
  { pool, prepared, labels, names, exactDuplicates, heldOut }: GroundSet,
  checkpoint: (done: number) => Promise<void>,
): Promise<PairTerms> {
  const { attraction, ...terms } = await pool.passes(checkpoint).terms(prepared.context, labels, INTER_ALONE);
  const [repeated, held] = [new Set(exactDuplicates), new Set(heldOut)];
  const left = (row: number): PairLeft =>
    repeated.has(row) ? 'exact-duplicate' : held.has(row) ? 'held-out' : 'unusable';
  return { ...terms, inter: attraction, labels, classes: names, left };
}
