import { largestScores } from './byScore.js';
import { clipScores } from './clipScores.js';
import { Random } from './random.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';

/** The rows that may be picked, ascending. */
export function candidates(labels: Int32Array): Int32Array {
  const rows = new Int32Array(labels.length);
  let filled = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row]! >= 0) rows[filled++] = row;
  return rows.slice(0, filled);
}

/** Uniform without replacement, seeded. */
export async function selectRandom(input: SelectionInput): Promise<SelectionOrder> {
  const rows = new Random(input.seed).sample(candidates(input.labels), input.budget);
  return { rows, gains: new Float64Array(rows.length) };
}

/** The largest self_e (LAION, DataComp), ties to the lowest row. */
export async function selectByClipScore(input: SelectionInput): Promise<SelectionOrder> {
  const rows = candidates(input.labels);
  const scores = await clipScores(input.table, rows, (done) => input.checkpoint(done, rows.length));
  return largestScores(rows, scores, input.budget);
}
