import { keepUnlike } from './hardFirst.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { unitImages } from './unitRows.js';

const BLOCK_ROWS = 1024;

/**
 * SemDeDup as its released code does it (arXiv 2303.09540, `keep_hard`): a cluster is sorted hardest first (lowest
 * similarity to the centroid) and a pair dropped if its image's cosine to ANY earlier one, dropped or not, exceeds
 * 1 − ε. So the cosine that decides on a pair is the largest to an earlier one.
 */
export async function selectSemdedupReleased(input: SelectionInput): Promise<SelectionOrder> {
  const { table } = input;
  return keepUnlike(input, async (ordered) => {
    const nearest = new Float32Array(ordered.length).fill(-1);
    for (let first = 0; first < ordered.length; first += BLOCK_ROWS) {
      const block = unitImages(table, ordered.subarray(first, first + BLOCK_ROWS));
      for (let other = 0; other <= first; other += BLOCK_ROWS) {
        input.check();
        const own = other === first;
        const earlier = own ? block : unitImages(table, ordered.subarray(other, other + BLOCK_ROWS));
        const maxima = await input.products.rowMaxima(block, earlier, own);
        maxima.forEach((value, i) => (nearest[first + i] = Math.max(nearest[first + i]!, value)));
      }
    }
    return nearest;
  });
}
