import { RowGatherer, type EmbeddingTable } from '../rows/pairBlock.js';
import { candidates } from './baselines.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';

const CHUNK_ROWS = 1024;
/** Products are float32, whose last bits change with the block that a row is in; rounded so that equal images tie. */
const DIGITS = 1e6;
/** Similarities to the mean are float64. */
const MEAN_DIGITS = 1e9;

/**
 * For the pairs of a class, hardest first: the cosine at which each is the duplicate of a harder one, [pairs]; −1 for
 * one that never is.
 */
export type DuplicateCosines = (ordered: Int32Array) => Promise<Float32Array>;

/**
 * What both forms of SemDeDup (arXiv 2303.09540) have in common. The clusters are the latent classes that are given
 * (k-means ones, as in the paper, or named ones). A pair is dropped at 1 − ε below its cosine, so 1 minus that is the
 * largest ε that keeps it, its gain here; the pairs of largest gain, ties to the lowest row, are what the ε that keeps
 * `budget` pairs leaves. So the order is nested.
 */
export async function keepUnlike(input: SelectionInput, cosines: DuplicateCosines): Promise<SelectionOrder> {
  const { table, members, context, budget } = input;
  const gains = new Float64Array(table.rows);
  let done = 0;
  for (const [k, rows] of members.entries()) {
    await input.checkpoint(done, table.rows);
    done += rows.length;
    const imageSum = context.sums.images.subarray(k * table.dim, (k + 1) * table.dim);
    const ordered = hardFirst(table, rows, imageSum);
    const found = await cosines(ordered);
    ordered.forEach((row, i) => (gains[row] = Math.round((1 - Math.max(-1, found[i]!)) * DIGITS) / DIGITS));
  }
  const order = candidates(input.labels).sort((a, b) => gains[b]! - gains[a]! || a - b);
  const rows = order.slice(0, budget);
  return { rows, gains: Float64Array.from(rows, (row) => gains[row]!) };
}

/**
 * Rows by the similarity of their image to the class mean (given as the sum), lowest first, ties to the lowest row.
 * Two pairs alone in a class are always a tie, which rounding must not decide.
 */
export function hardFirst(table: EmbeddingTable, rows: Int32Array, imageSum: Float64Array): Int32Array {
  const similarity = new Float64Array(rows.length);
  const gatherer = new RowGatherer(table);
  for (let first = 0; first < rows.length; first += CHUNK_ROWS) {
    const block = gatherer.gather(rows.subarray(first, first + CHUNK_ROWS));
    for (let i = 0, at = 0; i < block.rows; i++) {
      let sum = 0;
      for (let j = 0; j < table.dim; j++, at++) sum += block.images[at]! * imageSum[j]!;
      similarity[first + i] = Math.round(((sum * block.imageScale[i]!) / rows.length) * MEAN_DIGITS);
    }
  }
  const order = Int32Array.from(rows, (_, i) => i);
  order.sort((a, b) => similarity[a]! - similarity[b]! || rows[a]! - rows[b]!);
  return order.map((i) => rows[i]!);
}
