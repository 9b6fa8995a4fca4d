import type { SelectionOrder } from './selectionInput.js';

/** The `budget` rows of largest score, ties to the lowest row; `scores` are in the order of `rows`, which ascend. */
export function largestScores(rows: Int32Array, scores: Float64Array, budget: number): SelectionOrder {
  const order = rows
    .map((_, i) => i)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, budget);
  const gains = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) gains[i] = scores[order[i]!]!;
  return { rows: order.map((i) => rows[i]!), gains };
}
