import { gatherRows, type EmbeddingTable } from '../rows/pairBlock.js';
import type { ClassSums } from './crossCovariance.js';
import { Random } from './random.js';

export interface KmeansOptions {
  classes: number;
  seed: number;
  iterations: number;
  /** Class sums of the given rows, each in the class of its nearest centroid; centroids are unit rows [classes, dim]. */
  nearestSums: (centroids: Float64Array, rows: Int32Array) => Promise<ClassSums>;
  /** Awaited after each iteration. */
  checkpoint: (done: number, total: number) => Promise<void>;
}

/** Rows a class may train on; more do not move a centroid noticeably. */
const TRAINING_ROWS_PER_CLASS = 256;

/**
 * Spherical k-means on the unit images: unit centroids [classes, dim], for datasets without class names. Starts from
 * seeded distinct rows and trains on at most 256 rows a class, in ascending order of rows, so that the result depends
 * on data and seed only. A class that loses all of its rows keeps its centroid.
 */
export async function sphericalKmeans(
  table: EmbeddingTable,
  rows: Int32Array,
  options: KmeansOptions,
): Promise<Float64Array> {
  const { classes, iterations } = options;
  const random = new Random(options.seed);
  const training = random.sample(rows, Math.min(rows.length, TRAINING_ROWS_PER_CLASS * classes)).sort();
  const start = random.sample(training, Math.min(classes, training.length));
  let centroids = firstCentroids(
    table,
    Int32Array.from({ length: classes }, (_, k) => start[k % start.length]!),
  );
  for (let iteration = 0; iteration < iterations; iteration++) {
    const sums = await options.nearestSums(centroids, training);
    const moved = normalisedRows(sums.images, table.dim, centroids);
    const settled = moved.every((value, i) => value === centroids[i]);
    centroids = moved;
    await options.checkpoint(settled ? iterations : iteration + 1, iterations);
    if (settled) break;
  }
  return centroids;
}

function firstCentroids(table: EmbeddingTable, rows: Int32Array): Float64Array {
  const { dim } = table;
  const centroids = new Float64Array(rows.length * dim);
  rows.forEach((row, k) => {
    const { images, imageScale } = gatherRows(table, [row]);
    for (let j = 0; j < dim; j++) centroids[k * dim + j] = images[j]! * imageScale[0]!;
  });
  return centroids;
}

/** Each row divided by its norm; a zero row keeps what it was before. */
function normalisedRows(sums: Float64Array, dim: number, before: Float64Array): Float64Array {
  const rows = new Float64Array(sums.length);
  for (let at = 0; at < sums.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += sums[at + j]! ** 2;
    for (let j = 0; j < dim; j++)
      rows[at + j] = square > 0 ? sums[at + j]! / Math.sqrt(square) : before[at + j]!;
  }
  return rows;
}
