import { dirname, resolve } from 'node:path';
import { throwIfCancelled, type JobContext } from '../context.js';
import { ClipcovError } from '../errors.js';
import { metadataOf } from '../export/describedRows.js';
import { picksPath, readPicks, writePicks, type PickColumns, type StoredPick } from '../export/picks.js';
import { saveSubset } from '../export/saveSubset.js';
import { pathInDocument, type SubsetDocument } from '../export/subsetDocument.js';
import type { RowPool } from '../parallel/rowPool.js';
import type { ValidParams } from '../protocol/contract.js';
import type { CutReport, Objective } from '../protocol/selection.js';
import { budgetOf } from '../selection/budget.js';
import { narrow } from '../selection/runPipeline.js';
import { cutWarning, shortfallWarning } from './budgetWarnings.js';
import { openChoice } from './choose.js';
import { movedDocument } from './movedDocument.js';
import { forgetLists, idsIn, isOwnList, writeList } from './pairLists.js';
import { ProgressReporter } from './progress.js';
import { openRecorded, openRecordedGround } from './recordedGround.js';
import { recordedChoice } from './recordedParams.js';
import { besideSubset } from './subsetsFolder.js';

/**
 * Saves the first picks of a subset as a subset of its own: what a run for both budgets would have saved. The order is
 * there; the objective is measured for these picks, on the embeddings that they were chosen from.
 */
export async function cutJob(params: ValidParams<'cut'>, context: JobContext): Promise<CutReport> {
  const { file, document, workspace } = await openRecorded(params, context);
  const progress = new ProgressReporter(context);
  let pool: RowPool | undefined;
  try {
    const out = besideSubset(file, params.out);
    const budget = budgetOf(params.budget, document.dataset.valid);
    refuse(file, document, out, budget);
    const { ground, store } = await openRecordedGround(file, document, params, workspace, context, progress);
    pool = ground.pool;
    const picks = await readPicks(picksPath(file, document), 0, budget);
    const rows = Int32Array.from(picks, ({ row }) => row);
    progress.begin('select', 'pairs');
    const choice = await openChoice(recordedChoice(file, document), document.picks, {
      ...{ ground, store, workspace, context, progress },
    });
    let objective: Objective;
    try {
      // The sums of what the method chose from, as `choose` takes them.
      const { context: sums } = choice.constrained
        ? ground.prepared
        : (await narrow(choice.steps, choice.input, ground.valid)).input;
      ({ objective } = await pool.measure(rows, ground.labels, sums, document.parameters.weights));
    } finally {
      await choice.close();
    }
    throwIfCancelled(context);
    progress.begin('write', 'files');
    const cut = describe(document, file, out, params.budget.trim(), rows.length, objective, ground.valid);
    const lists = await ownLists(file, out, document);
    Object.assign(cut.parameters, lists.recorded);
    await saveSubset([out], cut, (aside) => writePicks(aside, columnsOf(picks, rows), metadataOf(store)));
    await forgetLists(out, lists.files);
    progress.saved(out);
    progress.update(1, 1);
    return { subset: out, picks: rows.length, objective, warnings: cut.warnings };
  } finally {
    await pool?.close();
    await workspace.release();
  }
}

function refuse(file: string, { picks }: SubsetDocument, out: string, budget: number): void {
  if (out === file)
    throw new ClipcovError('cut-in-place', 'A cut cannot be saved over the subset that it is cut from.', {
      where: file,
      fix: 'Give another name: what is cut off would be lost.',
    });
  if (budget > picks)
    throw new ClipcovError('cut-too-large', `The subset has ${picks} picks, fewer than ${budget}.`, {
      where: file,
      fix: 'Give a smaller budget, or select again with this one.',
    });
}

/** Seed, classes, duplicates, skipped rows and the proxy's strength are those of the run; an evaluation is of other picks. */
function describe(
  document: SubsetDocument,
  file: string,
  out: string,
  budget: string,
  picks: number,
  objective: Objective,
  valid: number,
): SubsetDocument {
  const moved = movedDocument(document, file, out);
  const { method, budget: whole } = document.parameters;
  const short = shortfallWarning(budgetOf(whole, valid), document.picks);
  const unnested = cutWarning(method, picks, document.picks);
  return {
    ...moved,
    picksSha256: '',
    parameters: { ...moved.parameters, budget },
    picks,
    objective,
    warnings: [...document.warnings.filter((one) => one !== short), ...(unnested ? [unnested] : [])],
    evaluation: null,
  };
}

/** Lists that were written for the subset go when it does, so that the cut gets its own; those of a user are named as before. */
async function ownLists(
  file: string,
  out: string,
  { parameters }: SubsetDocument,
): Promise<{ files: string[]; recorded: Partial<Record<'include' | 'exclude', string>> }> {
  const files: string[] = [];
  const recorded: Partial<Record<'include' | 'exclude', string>> = {};
  for (const kind of ['include', 'exclude'] as const) {
    const path = parameters[kind];
    const list = path === null ? null : resolve(dirname(file), path);
    if (list === null || !isOwnList(file, list)) continue;
    const own = await writeList(out, kind, await idsIn(list));
    if (own === undefined) continue;
    files.push(own);
    recorded[kind] = pathInDocument(out, own);
  }
  return { files, recorded };
}

function columnsOf(picks: StoredPick[], rows: Int32Array): PickColumns {
  return {
    rows,
    gains: Float64Array.from(picks, ({ gain }) => gain),
    latentClasses: picks.map(({ latentClass }) => latentClass),
    clipScores: Float64Array.from(picks, ({ clipScore }) => clipScore),
  };
}
