import { dot, unit } from './samples.js';

/** The rule word for word: inside a class, best score first, drop what is too near to one that was kept. */
export function plainDuplicates(
  images: number[][],
  texts: number[][],
  members: ArrayLike<number>[],
  epsilon: number,
): number[] {
  const unitImages = images.map(unit);
  const score = images.map((_, i) => dot(unitImages[i]!, unit(texts[i]!)));
  return members
    .flatMap((rows) => {
      const kept: number[] = [];
      return Array.from(rows)
        .sort((a, b) => score[b]! - score[a]! || a - b)
        .filter((row) => {
          const repeated = kept.some((other) => dot(unitImages[row]!, unitImages[other]!) > 1 - epsilon);
          if (!repeated) kept.push(row);
          return repeated;
        });
    })
    .sort((a, b) => a - b);
}
