import type { EmbeddingTable } from '../rows/pairBlock.js';
import { clipScores } from './clipScores.js';
import type { Products } from './products.js';
import { unitImages } from './unitRows.js';

const BLOCK_ROWS = 1024;

/**
 * The rows to drop as near-duplicates: inside a class, best CLIP score first, a pair is dropped if the cosine of its
 * image to a kept one is above 1 − ε. So the best-scored copy stays. Blocks of 1,024 rows meet the kept ones only: never
 * an n×n matrix, and little work where most are alike.
 */
export async function nearDuplicates(
  table: EmbeddingTable,
  members: Int32Array[],
  epsilon: number,
  products: Products,
  checkpoint: (done: number, total: number) => Promise<void>,
): Promise<Int32Array> {
  const total = members.reduce((sum, rows) => sum + rows.length, 0);
  const dropped: number[] = [];
  let done = 0;
  for (const rows of members) {
    const pause = (): Promise<void> => checkpoint(done, total);
    if (rows.length > 1)
      for (const row of await repeatsIn(table, rows, Math.fround(1 - epsilon), products, pause))
        dropped.push(row);
    done += rows.length;
    await checkpoint(done, total);
  }
  return Int32Array.from(dropped).sort();
}

async function repeatsIn(
  table: EmbeddingTable,
  rows: Int32Array,
  threshold: number,
  products: Products,
  pause: () => Promise<void>,
): Promise<number[]> {
  const scores = await clipScores(table, rows, pause);
  const ordered = Int32Array.from(rows.keys())
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .map((i) => rows[i]!);
  const kept: number[] = [];
  const dropped: number[] = [];
  for (let first = 0; first < ordered.length; first += BLOCK_ROWS) {
    let block = ordered.subarray(first, first + BLOCK_ROWS);
    for (let other = 0; other < kept.length && block.length; other += BLOCK_ROWS) {
      await pause();
      const earlier = unitImages(table, kept.slice(other, other + BLOCK_ROWS));
      const nearest = await products.rowMaxima(unitImages(table, block), earlier, false);
      for (const [i, row] of block.entries()) if (nearest[i]! > threshold) dropped.push(row);
      block = block.filter((_, i) => nearest[i]! <= threshold);
    }
    await pause();
    if (block.length === 0) continue;
    const images = unitImages(table, block);
    const cosines = await products.cross(images, images);
    const fresh: number[] = [];
    for (const [i, row] of block.entries()) {
      const repeats = fresh.some((j) => cosines[i * block.length + j]! > threshold);
      if (repeats) dropped.push(row);
      else fresh.push(i);
    }
    for (const i of fresh) kept.push(block[i]!);
  }
  return dropped;
}
