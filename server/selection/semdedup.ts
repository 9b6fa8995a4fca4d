import { keepUnlike } from './hardFirst.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { eldestCosines, tileTree, type Edge } from './spanningTree.js';
import { unitImages } from './unitRows.js';

const BLOCK_ROWS = 1024;

/**
 * SemDeDup as its paper says it (arXiv 2303.09540, section 3): images of a cluster whose cosine exceeds 1 − ε are
 * duplicates, a group of duplicates is what such pairs connect, and of each group the member farthest from the centroid
 * stays. So the cosine that decides on a pair is the largest at which its group holds a harder one: the least cosine
 * along the best chain from it to any harder pair. All of these are in the maximum spanning tree of the cluster, which
 * is put together from the trees of blocks: what a block's tree leaves out, the whole tree leaves out too.
 */
export async function selectSemdedup(input: SelectionInput): Promise<SelectionOrder> {
  const { table } = input;
  return keepUnlike(input, async (ordered) => {
    let tree: Edge[] = [];
    let cosines: Float32Array = new Float32Array(ordered.length).fill(-1);
    for (let first = 0; first < ordered.length; first += BLOCK_ROWS) {
      const block = unitImages(table, ordered.subarray(first, first + BLOCK_ROWS));
      for (let other = 0; other <= first; other += BLOCK_ROWS) {
        input.check();
        const earlier =
          other === first ? block : unitImages(table, ordered.subarray(other, other + BLOCK_ROWS));
        const tile = await input.products.cross(block, earlier);
        for (const edge of tileTree(tile, block.length / table.dim, first, other)) tree.push(edge);
      }
      // Merged after each row of blocks, so that no more than a few edges a pair are ever held.
      ({ tree, cosines } = eldestCosines(tree, ordered.length));
    }
    return cosines;
  });
}
