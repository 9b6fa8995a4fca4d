import { throwIfCancelled, type JobContext } from '../jobs/context.js';
import type { EmbeddingTable } from './pairBlock.js';
import { halfToFloat } from './float16.js';
import { readHalfRows, readNpyRows } from './npy.js';
import type { EmbeddingStore } from './store.js';

/** Rows read at a time: 4 MB of float16 at d = 512, small enough to stay in the cache while it is widened. */
const CHUNK_ROWS = 4096;

/**
 * Reads a whole store into memory as it is stored (float16 stays float16) with 1/norm of every row.
 * `visit` sees each chunk while it is widened to float32, so that what needs a pass over the rows shares this one.
 */
export async function readStore(
  store: EmbeddingStore,
  context: Pick<JobContext, 'cancelled'>,
  visit: (chunk: StoreChunk) => Promise<void> | void,
): Promise<EmbeddingTable> {
  const { rows, dim } = store;
  const half = store.parts.every((part) => part.images.type === 'f2' && part.texts.type === 'f2');
  const make = (): Uint16Array | Float32Array =>
    half ? new Uint16Array(rows * dim) : new Float32Array(rows * dim);
  const table: EmbeddingTable = {
    rows,
    dim,
    images: make(),
    texts: make(),
    imageScale: new Float64Array(rows),
    textScale: new Float64Array(rows),
  };
  const images = new Float32Array(CHUNK_ROWS * dim);
  const texts = new Float32Array(CHUNK_ROWS * dim);
  for (const part of store.parts) {
    for (let first = 0; first < part.rows; first += CHUNK_ROWS) {
      throwIfCancelled(context);
      const count = Math.min(CHUNK_ROWS, part.rows - first);
      const chunk: StoreChunk = {
        firstRow: part.firstRow + first,
        rows: count,
        images: images.subarray(0, count * dim),
        texts: texts.subarray(0, count * dim),
        table,
      };
      const range = [chunk.firstRow * dim, (chunk.firstRow + count) * dim] as const;
      for (const side of ['images', 'texts'] as const) {
        const kept = table[side].subarray(...range);
        if (kept instanceof Uint16Array) {
          readHalfRows(part[side], first, kept);
          halfToFloat(kept, chunk[side]);
        } else {
          readNpyRows(part[side], first, kept);
          chunk[side].set(kept);
        }
      }
      inverseNorms(chunk.images, dim, table.imageScale, chunk.firstRow);
      inverseNorms(chunk.texts, dim, table.textScale, chunk.firstRow);
      await visit(chunk);
    }
  }
  return table;
}

/** Consecutive rows of a store, widened; the arrays are reused for the next chunk. */
export interface StoreChunk {
  firstRow: number;
  rows: number;
  images: Float32Array;
  texts: Float32Array;
  /** The table being filled; its rows up to and with this chunk are there. */
  table: EmbeddingTable;
}

/** 1/‖row‖ in float64; 0 marks a row that cannot be used (all zero, NaN or infinite). */
function inverseNorms(values: Float32Array, dim: number, target: Float64Array, firstRow: number): void {
  const rows = values.length / dim;
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (const end = at + dim; at < end; at++) sum += values[at]! * values[at]!;
    target[firstRow + row] = sum > 0 && Number.isFinite(sum) ? 1 / Math.sqrt(sum) : 0;
  }
}
