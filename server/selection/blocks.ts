import type { EmbeddingTable } from '../rows/pairBlock.js';
import { areHalf } from '../rows/storedRows.js';
import { PairRows } from '../kernels/pairRows.js';

/** Rows that are worked on together, in bytes: a thread's piece of work, and all that it holds of a table. */
const BLOCK_BYTES = 32 * 2 ** 20;

/** Rows of a block that are finished before the next ones are read, so that they are still in a core's cache. */
export const CACHED_ROWS = 512;

export function blockRows(table: Pick<EmbeddingTable, 'dim' | 'images'>): number {
  const rows = BLOCK_BYTES / (2 * table.dim * (areHalf(table.images) ? 2 : 4));
  return CACHED_ROWS * Math.max(1, Math.floor(rows / CACHED_ROWS));
}

export interface Block {
  first: number;
  count: number;
}

/** Cuts `rows` rows into blocks of `size`. */
export function blocksOf(rows: number, size: number): Block[] {
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    count: Math.min(size, rows - i * size),
  }));
}

/** Memory for the blocks of up to `rows` rows; `extraBytes` for what the caller allocates beside them. */
export function blockFor(table: EmbeddingTable, rows: number, extraBytes = 0): PairRows {
  return new PairRows(table, Math.min(blockRows(table), rows), extraBytes);
}

/** Goes through the given rows of a table in blocks; `visit` finds them loaded in `pairs`. */
export async function eachBlock(
  pairs: PairRows,
  rows: Int32Array,
  visit: (rows: Int32Array) => void,
  checkpoint: (done: number) => Promise<void>,
): Promise<void> {
  for (const { first, count } of blocksOf(rows.length, pairs.capacity)) {
    const block = rows.subarray(first, first + count);
    pairs.load(block);
    visit(block);
    await checkpoint(first + count);
  }
}
