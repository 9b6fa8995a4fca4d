/**
 * For each row of scores [rows, columns] the rank of its best positive, from 0: how many columns score higher, or as high
 * and stand before it. A row without positives gets Infinity.
 */
export function bestPositiveRanks(
  scores: Float32Array,
  columns: number,
  positives: (row: number) => readonly number[],
): Float64Array {
  const rows = columns ? scores.length / columns : 0;
  const ranks = new Float64Array(rows).fill(Infinity);
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    let best = -1;
    for (const positive of positives(row)) {
      const at = first + positive;
      if (best < 0 || scores[at]! > scores[best]! || (scores[at] === scores[best] && at < best)) best = at;
    }
    if (best < 0) continue;
    const score = scores[best]!;
    // Without branches, which nobody can foresee here.
    let before = 0;
    for (let at = first; at < best; at++) before += Number(scores[at]! >= score);
    for (let at = best + 1; at < first + columns; at++) before += Number(scores[at]! > score);
    ranks[row] = before;
  }
  return ranks;
}

/**
 * Of square scores, whose diagonal is the positives: the rank of each row's among its columns, and that of each column's among
 * its rows, as above. One table for both directions: a score of its transpose could be another in its last digit.
 */
export function diagonalRanks(
  scores: Float32Array,
  count: number,
): { ofRows: Float64Array; ofColumns: Float64Array } {
  const ofColumns = new Float64Array(count);
  const diagonal = Float32Array.from({ length: count }, (_, i) => scores[i * count + i]!);
  for (let row = 0, at = 0; row < count; row++, at += count) {
    for (let column = 0; column < row; column++)
      ofColumns[column]! += Number(scores[at + column]! > diagonal[column]!);
    for (let column = row + 1; column < count; column++)
      ofColumns[column]! += Number(scores[at + column]! >= diagonal[column]!);
  }
  return { ofRows: bestPositiveRanks(scores, count, (row) => [row]), ofColumns };
}

/** Share of the ranks below k: recall@k of retrieval, acc@k of classification. 0 of none. */
export function shareWithin(ranks: Float64Array, k: number): number {
  let within = 0;
  for (const rank of ranks) if (rank < k) within++;
  return ranks.length ? within / ranks.length : 0;
}

/** acc1 of each class that has examples, averaged over those. */
export function meanPerClassRecall(ranks: Float64Array, labels: Int32Array, classes: number): number {
  const right = new Float64Array(classes);
  const count = new Float64Array(classes);
  ranks.forEach((rank, i) => {
    count[labels[i]!]!++;
    if (rank < 1) right[labels[i]!]!++;
  });
  let sum = 0;
  let seen = 0;
  for (let k = 0; k < classes; k++) {
    if (count[k] === 0) continue;
    sum += right[k]! / count[k]!;
    seen++;
  }
  return seen ? sum / seen : 0;
}
