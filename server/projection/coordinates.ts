import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { imageBlocks } from './imageBlocks.js';
import type { OnRows, Principal } from './principal.js';

/** Coordinates along the first `rank` directions of every usable row: `visit` sees them block by block, [rows, rank]. */
export async function eachCoordinates(
  table: EmbeddingTable,
  { mean, directions }: Principal,
  rank: number,
  products: Pick<Products, 'cross'>,
  visit: (rows: Int32Array, coordinates: Float32Array) => Promise<void> | void,
  onRows: OnRows,
): Promise<void> {
  const axes = directions.slice(0, rank * table.dim);
  for (const { first, count, rows, images } of imageBlocks(table, mean)) {
    if (rows.length > 0) await visit(rows, await products.cross(images, axes));
    await onRows(first + count);
  }
}

/** Two coordinates a row, NaN for a pair that cannot be used. */
export async function principalMap(
  table: EmbeddingTable,
  principal: Principal,
  products: Pick<Products, 'cross'>,
  onRows: OnRows,
): Promise<Float32Array> {
  const map = new Float32Array(2 * table.rows).fill(NaN);
  const put = (rows: Int32Array, coordinates: Float32Array): void => {
    for (let i = 0; i < rows.length; i++) {
      map[2 * rows[i]!] = coordinates[2 * i]!;
      map[2 * rows[i]! + 1] = coordinates[2 * i + 1]!;
    }
  };
  await eachCoordinates(table, principal, 2, products, put, onRows);
  return map;
}
