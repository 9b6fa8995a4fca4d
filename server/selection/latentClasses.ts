/** Label of a row that no class holds: unusable, set aside or filtered. */
export const NO_CLASS = -1;

/** V_k for every class: its rows in ascending order out of all rows, or those given in the order in which they are. */
export function rowsByClass(labels: Int32Array, classes: number, rows?: Int32Array): Int32Array[] {
  const total = rows ? rows.length : labels.length;
  const counts = new Int32Array(classes);
  for (let i = 0; i < total; i++) {
    const k = labels[rows ? rows[i]! : i]!;
    if (k >= 0) counts[k]!++;
  }
  const members = Array.from(counts, (count) => new Int32Array(count));
  const filled = new Int32Array(classes);
  for (let i = 0; i < total; i++) {
    const row = rows ? rows[i]! : i;
    const k = labels[row]!;
    if (k >= 0) members[k]![filled[k]!++] = row;
  }
  return members;
}

/** |S_k| of the given rows, [classes]. */
export function countByClass(labels: Int32Array, rows: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const row of rows) counts[labels[row]!]!++;
  return counts;
}

/** The classes that occur among the labels of a block, ascending, with the positions of their pairs. */
export function positionsByClass(
  labels: Int32Array,
  classes: number,
): { k: number; positions: Int32Array }[] {
  const starts = new Int32Array(classes + 1);
  for (const k of labels) if (k >= 0) starts[k + 1]!++;
  const present: { k: number; positions: Int32Array }[] = [];
  for (let k = 0; k < classes; k++) starts[k + 1]! += starts[k]!;
  const sorted = new Int32Array(starts[classes]!);
  const next = starts.slice();
  labels.forEach((k, position) => {
    if (k >= 0) sorted[next[k]!++] = position;
  });
  for (let k = 0; k < classes; k++)
    if (starts[k]! < starts[k + 1]!)
      present.push({ k, positions: sorted.subarray(starts[k], starts[k + 1]) });
  return present;
}
