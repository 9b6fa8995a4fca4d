import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openNpy, readNpyRows } from '../embeddings/npy.js';
import { openStore, type EmbeddingStore } from '../embeddings/store.js';
import { RowPool } from '../parallel/rowPool.js';
import { ClipcovError } from '../errors.js';
import type { SelectionInput, TargetSet } from '../selection/selectionInput.js';
import { rowsOfIds } from '../export/storeRows.js';
import type { JobContext } from '../context.js';
import type { Workspace } from './workspace.js';

/** Ids out of a text file, one a line; rows of the store. */
export async function rowsInFile(file: string | undefined, store: EmbeddingStore): Promise<Int32Array> {
  if (file === undefined) return new Int32Array(0);
  const where = resolve(file);
  const text = await readFile(where, 'utf8').catch((cause: unknown) => {
    throw new ClipcovError('ids-unreadable', 'The list of ids cannot be read.', { where, cause });
  });
  const ids: number[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    const id = line.trim();
    if (id === '') return;
    if (!/^\d{1,15}$/.test(id))
      throw new ClipcovError('ids-unreadable', `Line ${i + 1} of the list is no id: '${id.slice(0, 40)}'.`, {
        where: `${where}:${i + 1}`,
        fix: 'Write one id a line: the number of the row in the dataset, counted from 0.',
      });
    ids.push(Number(id));
  });
  return rowsOfIds(store, [...new Set(ids)], where);
}

/** The target set of norm-sim as unit rows. */
export function readTarget(file: string, norm: TargetSet['norm'], dim: number): TargetSet {
  const where = resolve(file);
  const matrix = openNpy(where);
  if (matrix.columns !== dim || matrix.rows === 0)
    throw new ClipcovError(
      'dimension-differs',
      `The target embeddings are [${matrix.rows}, ${matrix.columns}], the store needs [images, ${dim}].`,
      { where, fix: 'Embed the images of the target with the model that made the store.' },
    );
  const images = new Float32Array(matrix.rows * dim);
  readNpyRows(matrix, 0, images);
  for (let at = 0; at < images.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += images[at + j]! ** 2;
    if (!(square > 0 && Number.isFinite(square)))
      throw new ClipcovError(
        'target-invalid',
        `Row ${at / dim} of the target is all zero, NaN or infinite.`,
        {
          where: `${where}, row ${at / dim}`,
          fix: 'Leave the image out of the target set.',
        },
      );
    for (let j = 0; j < dim; j++) images[at + j]! /= Math.sqrt(square);
  }
  return { images, norm };
}

/** The same pairs under an early model, row by row; `close` it when done. */
export async function openEarly(
  folder: string,
  store: EmbeddingStore,
  workspace: Workspace,
  context: JobContext,
): Promise<{ early: NonNullable<SelectionInput['early']>; close: () => Promise<void> }> {
  const early = openStore(resolve(folder));
  if (early.rows !== store.rows)
    throw new ClipcovError(
      'stores-differ',
      `The early store has ${early.rows} rows, the store ${store.rows}: their pairs are not the same.`,
      { where: early.folder, fix: 'Embed the same dataset with the early model.' },
    );
  const pool = new RowPool(early, await workspace.device(), {
    threads: 1,
    classBytes: 2 ** 20,
    cancelled: () => context.cancelled(),
  });
  try {
    await pool.read(null, new Int32Array(0), async () => undefined);
  } catch (error) {
    await pool.close();
    throw error;
  }
  const products = await workspace.products(early.dim);
  return { early: { table: pool.table, products }, close: () => pool.close() };
}
