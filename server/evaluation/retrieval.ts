import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { unitPairs } from '../selection/unitRows.js';
import { RECALL_AT } from './linearRetrieval.js';
import { bestPositiveRanks, shareWithin } from './ranking.js';
import { asTheyAre, type View } from './view.js';

const BLOCK_ROWS = 512;

/** `image_retrieval_recall@k` and `text_retrieval_recall@k`, as CLIP_benchmark names them. */
export type RetrievalScores = Record<string, number>;

/**
 * Retrieval over pairs some of which share an image: for each caption, whether its image is among the k nearest images;
 * for each image, whether any of its captions is among the k nearest captions. `imageOf` numbers the images of the rows
 * from 0, in the order of their first rows.
 */
export async function retrieve(
  table: EmbeddingTable,
  rows: Int32Array,
  imageOf: Int32Array,
  products: Products,
  checkpoint: (done: number) => Promise<void>,
  view: View = asTheyAre,
): Promise<RetrievalScores> {
  const firstRows: number[] = [];
  const captionsOf: number[][] = [];
  imageOf.forEach((image, i) => {
    if (image === firstRows.length) {
      firstRows.push(rows[i]!);
      captionsOf.push([]);
    }
    captionsOf[image]!.push(i);
  });
  const images = await view(unitPairs(table, firstRows).images, 'image');
  const captions = await view(unitPairs(table, rows).texts, 'text');
  const ranks = async (
    queries: Float32Array,
    found: Float32Array,
    positives: (query: number) => readonly number[],
  ): Promise<Float64Array> => {
    const count = queries.length / table.dim;
    const all = new Float64Array(count);
    for (let first = 0; first < count; first += BLOCK_ROWS) {
      await checkpoint(first);
      const block = queries.subarray(first * table.dim, (first + BLOCK_ROWS) * table.dim);
      const scores = await products.cross(block, found);
      all.set(
        bestPositiveRanks(scores, found.length / table.dim, (i) => positives(first + i)),
        first,
      );
    }
    return all;
  };
  const ofCaptions = await ranks(captions, images, (caption) => [imageOf[caption]!]);
  const ofImages = await ranks(images, captions, (image) => captionsOf[image]!);
  return Object.fromEntries([
    ...RECALL_AT.map((k) => [`image_retrieval_recall@${k}`, shareWithin(ofCaptions, k)] as const),
    ...RECALL_AT.map((k) => [`text_retrieval_recall@${k}`, shareWithin(ofImages, k)] as const),
  ]);
}
