/** Label of a row that no class holds: unusable, set aside or filtered. */
export const NO_CLASS = -1;

/** V_k for every class: its rows in ascending order, out of all rows or out of those given. */
export function rowsByClass(labels: Int32Array, classes: number, rows?: Int32Array): Int32Array[] {
  const chosen = rows ?? Int32Array.from(labels, (_, row) => row);
  const counts = new Int32Array(classes);
  for (const row of chosen) if (labels[row]! >= 0) counts[labels[row]!]!++;
  const members = Array.from(counts, (count) => new Int32Array(count));
  const filled = new Int32Array(classes);
  for (const row of chosen) {
    const k = labels[row]!;
    if (k >= 0) members[k]![filled[k]!++] = row;
  }
  return members;
}

/** argmax_k ⟨v, t_k⟩ for each row of a chunk of images [rows, dim]; ties to the lowest k. Made by the engine. */
export type ClassScorer = (images: Float32Array, rows: number) => Promise<Int32Array>;
