import { halfToFloat } from '../rows/float16.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import { areHalf, readStored } from '../rows/storedRows.js';

/** Rows that are read together: as many as a product in float32 may add up without losing digits. */
export const BLOCK_ROWS = 2048;

/** Consecutive rows of a table; `rows` are the usable ones among them, and `images` theirs. */
export interface ImageBlock {
  first: number;
  count: number;
  rows: Int32Array;
  /** Unit rows minus the origin, [rows, dim]; valid until the next block. */
  images: Float32Array;
}

/** The image side of all usable pairs of a table, block by block; captions are not read. */
export function* imageBlocks(table: EmbeddingTable, origin: Float64Array): Generator<ImageBlock> {
  const { dim } = table;
  const half = areHalf(table.images) ? new Uint16Array(BLOCK_ROWS * dim) : null;
  const wide = new Float32Array(BLOCK_ROWS * dim);
  for (let first = 0; first < table.rows; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, table.rows - first);
    readStored(table.images, first, count, half ?? wide, 0, dim);
    if (half) halfToFloat(half, wide);
    const rows = new Int32Array(count);
    let used = 0;
    for (let i = 0; i < count; i++) {
      const row = first + i;
      const scale = table.imageScale[row]!;
      if (scale === 0 || table.textScale[row] === 0) continue;
      // Backwards only: a row never overwrites one that is still to come.
      for (let j = 0, from = i * dim, to = used * dim; j < dim; j++)
        wide[to++] = wide[from++]! * scale - origin[j]!;
      rows[used++] = row;
    }
    yield { first, count, rows: rows.subarray(0, used), images: wide.slice(0, used * dim) };
  }
}
