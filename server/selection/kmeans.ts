import { gatherRows, RowGatherer, type EmbeddingTable } from '../embeddings/pairBlock.js';
import { sumClasses } from './crossCovariance.js';
import { NO_CLASS, type ClassScorer } from './latentClasses.js';
import { Random } from './random.js';

export interface KmeansOptions {
  classes: number;
  seed: number;
  iterations: number;
  /** Makes a scorer of the given centroids [classes, dim]. */
  scorer: (centroids: Float32Array) => Promise<ClassScorer>;
  /** Awaited after each iteration. */
  checkpoint: (done: number, total: number) => Promise<void>;
}

/** Rows a class may train on; more do not move a centroid noticeably. */
const TRAINING_ROWS_PER_CLASS = 256;
const CHUNK_ROWS = 4096;

/**
 * Spherical k-means on the unit images: unit centroids [classes, dim], for datasets without class names. Starts from
 * seeded distinct rows and trains on at most 256 rows a class, in ascending order of rows, so that the result depends
 * on data and seed only. A class that loses all of its rows keeps its centroid.
 */
export async function sphericalKmeans(
  table: EmbeddingTable,
  rows: Int32Array,
  options: KmeansOptions,
): Promise<Float32Array> {
  const { dim } = table;
  const { classes } = options;
  const random = new Random(options.seed);
  const training = random.sample(rows, Math.min(rows.length, TRAINING_ROWS_PER_CLASS * classes)).sort();
  const start = random.sample(training, Math.min(classes, training.length));
  let centroids = new Float32Array(classes * dim);
  for (let k = 0; k < classes; k++) {
    const block = gatherRows(table, [start[k % start.length]!]);
    for (let j = 0; j < dim; j++) centroids[k * dim + j] = block.images[j]! * block.imageScale[0]!;
  }
  const gatherer = new RowGatherer(table);
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    const scorer = await options.scorer(centroids);
    const labels = new Int32Array(table.rows).fill(NO_CLASS);
    for (let first = 0; first < training.length; first += CHUNK_ROWS) {
      const rows = training.subarray(first, first + CHUNK_ROWS);
      const found = await scorer(gatherer.gather(rows).images, rows.length);
      rows.forEach((row, i) => (labels[row] = found[i]!));
    }
    const sums = await sumClasses(table, labels, classes, training, async () => undefined);
    const moved = normalisedRows(sums.images, dim, centroids);
    const settled = moved.every((value, i) => value === centroids[i]);
    centroids = moved;
    await options.checkpoint(iteration + 1, options.iterations);
    if (settled) break;
  }
  return centroids;
}

/** Each row divided by its norm; a zero row keeps what it was before. */
function normalisedRows(sums: Float64Array, dim: number, before: Float32Array): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(sums.length);
  for (let at = 0; at < sums.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += sums[at + j]! ** 2;
    for (let j = 0; j < dim; j++)
      rows[at + j] = square > 0 ? sums[at + j]! / Math.sqrt(square) : before[at + j]!;
  }
  return rows;
}
