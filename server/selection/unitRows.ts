import { gatherRows, type EmbeddingTable } from '../rows/pairBlock.js';

/** v_i of the given rows, [rows, dim], rounded to float32. */
export function unitImages(table: EmbeddingTable, rows: ArrayLike<number>): Float32Array {
  const block = gatherRows(table, rows);
  for (let i = 0; i < block.rows; i++)
    for (let j = 0; j < table.dim; j++) block.images[i * table.dim + j]! *= block.imageScale[i]!;
  return block.images;
}

/** v_i and l_i of the given rows, [rows, dim] each, in float64. */
export function unitPairs(
  table: EmbeddingTable,
  rows: ArrayLike<number>,
): { images: Float64Array; texts: Float64Array } {
  const { dim } = table;
  const block = gatherRows(table, rows);
  const images = new Float64Array(block.images);
  const texts = new Float64Array(block.texts);
  for (let i = 0, at = 0; i < block.rows; i++)
    for (let j = 0; j < dim; j++, at++) {
      images[at]! *= block.imageScale[i]!;
      texts[at]! *= block.textScale[i]!;
    }
  return { images, texts };
}
