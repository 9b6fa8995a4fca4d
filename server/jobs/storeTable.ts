import { RowFiles } from '../embeddings/rowFiles.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { gatherRows, type EmbeddingTable } from '../rows/pairBlock.js';

const BLOCK_ROWS = 4096;

/** A store as a table whose rows are read on this thread; `close` it when done. For sets of some ten thousand images. */
export function openTable(store: EmbeddingStore): { table: EmbeddingTable; close(): void } {
  const { rows, dim, parts } = store;
  const files = (side: 'images' | 'texts'): RowFiles =>
    new RowFiles(
      parts.map((part) => ({ firstRow: part.firstRow, matrix: part[side] })),
      dim,
    );
  const [images, texts] = [files('images'), files('texts')];
  const table: EmbeddingTable = {
    rows,
    dim,
    images,
    texts,
    imageScale: new Float64Array(rows).fill(1),
    textScale: new Float64Array(rows).fill(1),
  };
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - first);
    const block = gatherRows(
      table,
      Array.from({ length: count }, (_, i) => first + i),
    );
    for (let i = 0; i < count; i++) {
      table.imageScale[first + i] = scaleOf(block.images.subarray(i * dim, (i + 1) * dim));
      table.textScale[first + i] = scaleOf(block.texts.subarray(i * dim, (i + 1) * dim));
    }
  }
  return {
    table,
    close() {
      images.close();
      texts.close();
    },
  };
}

/** 1/norm, or 0 of a row that is all zero, NaN or infinite. */
function scaleOf(row: Float32Array): number {
  let square = 0;
  for (const value of row) square += value * value;
  return square > 0 && Number.isFinite(square) ? 1 / Math.sqrt(square) : 0;
}
