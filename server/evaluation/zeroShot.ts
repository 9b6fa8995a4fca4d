import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { unitPairs } from '../selection/unitRows.js';
import { asTheyAre, type View } from './view.js';
import { bestPositiveRanks, meanPerClassRecall, shareWithin } from './ranking.js';

const BLOCK_ROWS = 1024;

/** As CLIP_benchmark names them, each in 0…1. */
export interface ClassificationScores {
  acc1: number;
  acc5: number;
  mean_per_class_recall: number;
}

/**
 * Zero-shot classification: each image goes to the class whose text embedding, [classes, dim] of unit rows, is nearest.
 * `view` is the model that looks at them, beyond the one that embedded them. `labels` are the classes of the rows, in their order. acc5 of fewer than five classes is 1.
 */
export async function classifyZeroShot(
  table: EmbeddingTable,
  rows: Int32Array,
  labels: Int32Array,
  classEmbeddings: Float64Array,
  products: Products,
  checkpoint: (done: number) => Promise<void>,
  view: View = asTheyAre,
): Promise<ClassificationScores> {
  const classes = classEmbeddings.length / table.dim;
  const embeddings = await view(classEmbeddings, 'text');
  const ranks = new Float64Array(rows.length);
  for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
    await checkpoint(first);
    const block = rows.subarray(first, first + BLOCK_ROWS);
    const scores = await products.cross(await view(unitPairs(table, block).images, 'image'), embeddings);
    ranks.set(
      bestPositiveRanks(scores, classes, (i) => [labels[first + i]!]),
      first,
    );
  }
  return {
    acc1: shareWithin(ranks, 1),
    acc5: shareWithin(ranks, 5),
    mean_per_class_recall: meanPerClassRecall(ranks, labels, classes),
  };
}
