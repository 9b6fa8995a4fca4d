import { ClipcovError } from '../errors.js';
import { candidates } from './baselines.js';
import { largestScores } from './byScore.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { unitImages } from './unitRows.js';

const BLOCK_ROWS = 1024;

/**
 * A filter for pairs whose image is far from every class: the largest relative angle (arXiv 2410.04525). Seen from the
 * mean μ of all images, it is the angle between v and its projection v − (⟨w,v⟩/‖w‖²)·w onto the boundary between its
 * class and another, w = t_k − t_k'; the largest over the other classes is the score, and a small one says that the image
 * lies near all boundaries at once. Classes are t_k with no bias.
 */
export async function relativeAngles(input: SelectionInput): Promise<SelectionOrder> {
  const { table, members, context, products } = input;
  const { classEmbeddings: embeddings, sums } = context;
  if (!embeddings || sums.classes < 2)
    throw new ClipcovError('classes-unnamed', 'The filter ood needs named classes, two or more.', {
      fix: 'Give class names or class embeddings; k-means classes have none.',
    });
  const { dim } = table;
  const classes = Float32Array.from(embeddings);
  const mean = meanImage(sums.images, sums.counts, dim);
  const meanScores = new Float64Array(sums.classes);
  for (let k = 0; k < sums.classes; k++)
    for (let j = 0; j < dim; j++) meanScores[k]! += mean[j]! * classes[k * dim + j]!;
  const angles = new Float64Array(table.rows);
  let done = 0;
  for (const [k, rows] of members.entries()) {
    if (rows.length === 0) continue;
    const own = classes.subarray(k * dim, (k + 1) * dim);
    const likeness = await products.cross(own, classes);
    for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
      await input.checkpoint(done, table.rows);
      const block = rows.subarray(first, first + BLOCK_ROWS);
      const images = unitImages(table, block);
      const scores = await products.cross(images, classes);
      for (let i = 0; i < block.length; i++) {
        let square = 0;
        for (let j = 0; j < dim; j++) square += (images[i * dim + j]! - mean[j]!) ** 2;
        const row = scores.subarray(i * sums.classes, (i + 1) * sums.classes);
        angles[block[i]!] = largestAngle(k, row, likeness, meanScores, square);
      }
      done += block.length;
    }
  }
  const rows = candidates(input.labels);
  const scores = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) scores[i] = angles[rows[i]!]!;
  return largestScores(rows, scores, input.budget);
}

/**
 * The largest angle, in radians, between a = v − μ and b = a − (s/n)·w over the other classes, with s = ⟨w,v⟩, n = ‖w‖²
 * and ⟨w,a⟩ = s − ⟨w,μ⟩; `square` is ‖a‖².
 */
function largestAngle(
  k: number,
  scores: Float32Array,
  likeness: Float32Array,
  meanScores: Float64Array,
  square: number,
): number {
  let leastCosine = 1;
  for (let other = 0; other < scores.length; other++) {
    if (other === k) continue;
    const normal = likeness[k]! - 2 * likeness[other]! + 1;
    // Two names of one class have no boundary.
    if (normal < 1e-6) continue;
    const s = scores[k]! - scores[other]!;
    const along = s - (meanScores[k]! - meanScores[other]!);
    const dot = square - (s / normal) * along;
    const projected = square - (2 * s * along) / normal + (s * s) / normal;
    const size = Math.sqrt(Math.max(0, projected) * square);
    if (size > 0) leastCosine = Math.min(leastCosine, dot / size);
  }
  return Math.acos(Math.max(-1, leastCosine));
}

function meanImage(sums: Float64Array, counts: Int32Array, dim: number): Float64Array {
  const mean = new Float64Array(dim);
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (let at = 0; at < sums.length; at += dim)
    for (let j = 0; j < dim; j++) mean[j]! += sums[at + j]! / Math.max(1, total);
  return mean;
}
