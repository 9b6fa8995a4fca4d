import { Database, PARQUET } from '../dataset/database.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';
import { rowsInFile } from './selectionAids.js';

/**
 * Rows that are kept out of selection, to be evaluated on: `P%` of the pairs by the seed, or those whose ids a file lists.
 * A pair's lot depends on its id and the seed alone: pairs added to a dataset leave the others where they are.
 */
export async function heldOutRows(
  holdout: string | undefined,
  seed: number,
  store: EmbeddingStore,
): Promise<Int32Array> {
  if (holdout === undefined) return new Int32Array(0);
  if (store.plan === null)
    throw new ClipcovError('holdout-needs-dataset', 'Pairs of a bare store cannot be held out.', {
      where: store.folder,
      fix: 'Its rows have no ids that would stay theirs: select from the dataset, or leave --holdout away.',
    });
  const share = holdoutShare(holdout);
  if (share === null) return (await rowsInFile(holdout, store)).sort();
  const bound = share * 2 ** 32;
  const rows: number[] = [];
  const database = await Database.open();
  try {
    for (const { metadata, firstRow } of store.parts) {
      if (metadata === null) continue;
      const ids = await database.all<{ id: number }>(`SELECT id FROM ${PARQUET} ORDER BY id`, [metadata]);
      ids.forEach(({ id }, i) => {
        if (lot(id, seed) < bound) rows.push(firstRow + i);
      });
    }
  } finally {
    database.close();
  }
  return Int32Array.from(rows);
}

/** The share that `5%` means, or null where it is the name of a file. */
export function holdoutShare(holdout: string): number | null {
  const percent = /^(\d{1,2}(?:\.\d+)?)\s*%$/.exec(holdout.trim())?.[1];
  return percent === undefined ? null : Number(percent) / 100;
}

/** Uniform in [0, 2^32) by id and seed (the finaliser of MurmurHash3 over both). */
function lot(id: number, seed: number): number {
  let mixed =
    (id ^ Math.imul(Math.floor(id / 2 ** 32) + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
