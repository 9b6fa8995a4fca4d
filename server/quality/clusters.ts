import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { unitImages } from '../selection/unitRows.js';

const BLOCK_ROWS = 512;

/**
 * Which kept row each near duplicate repeats: of its class, the one whose image is most like it, the first of equals.
 * Duplicates meet the kept rows of their own class alone, in blocks.
 */
export async function duplicateHeads(
  table: EmbeddingTable,
  members: Int32Array[],
  duplicates: Int32Array,
  products: Products,
  checkpoint: () => Promise<void>,
): Promise<Map<number, number>> {
  const dropped = new Set(duplicates);
  const heads = new Map<number, number>();
  for (const rows of members) {
    const repeats = rows.filter((row) => dropped.has(row));
    if (repeats.length === 0) continue;
    const kept = rows.filter((row) => !dropped.has(row));
    for (let first = 0; first < repeats.length; first += BLOCK_ROWS) {
      const block = repeats.subarray(first, first + BLOCK_ROWS);
      const images = unitImages(table, block);
      const best = new Float32Array(block.length).fill(-Infinity);
      for (let other = 0; other < kept.length; other += BLOCK_ROWS) {
        await checkpoint();
        const candidates = kept.subarray(other, other + BLOCK_ROWS);
        const cosines = await products.cross(images, unitImages(table, candidates));
        for (let i = 0; i < block.length; i++)
          for (let j = 0; j < candidates.length; j++) {
            const cosine = cosines[i * candidates.length + j]!;
            if (cosine <= best[i]!) continue;
            best[i] = cosine;
            heads.set(block[i]!, candidates[j]!);
          }
      }
    }
  }
  return heads;
}
