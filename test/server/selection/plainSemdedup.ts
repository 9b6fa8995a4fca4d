import { dot, unit } from './samples.js';

const DIGITS = 1e6;

/** The pairs of a class, lowest similarity to the mean image first, ties to the lowest row. */
export function plainHardFirst(images: number[][], rows: number[]): number[] {
  const v = images.map(unit);
  const centre = v[0]!.map((_, j) => rows.reduce((sum, row) => sum + v[row]![j]!, 0));
  const similarity = new Map(
    rows.map((row) => [row, Math.round((dot(v[row]!, centre) / rows.length) * 1e9)]),
  );
  return rows.slice().sort((a, b) => similarity.get(a)! - similarity.get(b)! || a - b);
}

/** Row → the cosine at which it is dropped, in O(n²) for the released rule and O(n³) for the paper's. */
export function plainCosines(images: number[][], labels: number[], released: boolean): Map<number, number> {
  const v = images.map(unit);
  const found = new Map<number, number>();
  for (const k of new Set(labels.filter((label) => label >= 0))) {
    const rows = plainHardFirst(
      images,
      [...labels.keys()].filter((row) => labels[row] === k),
    );
    const cosine = rows.map((a) => rows.map((b) => dot(v[a]!, v[b]!)));
    // The best chain between any two: its least cosine.
    if (!released)
      for (let m = 0; m < rows.length; m++)
        for (let i = 0; i < rows.length; i++)
          for (let j = 0; j < rows.length; j++)
            cosine[i]![j] = Math.max(cosine[i]![j]!, Math.min(cosine[i]![m]!, cosine[m]![j]!));
    rows.forEach((row, i) => found.set(row, Math.max(-1, ...cosine[i]!.slice(0, i))));
  }
  return found;
}

/** The `budget` pairs dropped last, ties (to six digits) to the lowest row. */
export function plainSemdedup(
  images: number[][],
  labels: number[],
  budget: number,
  released: boolean,
): number[] {
  const cosines = plainCosines(images, labels, released);
  const rounded = (row: number): number => Math.round(cosines.get(row)! * DIGITS);
  return [...cosines.keys()].sort((a, b) => rounded(a) - rounded(b) || a - b).slice(0, budget);
}
