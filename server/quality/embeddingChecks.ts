import type { Check, EmbeddingFacts } from './finding.js';

/** A class with less than this share of the mean class is rare. */
const RARE = 0.1;

export const embeddingChecks: Check[] = [
  {
    id: 'mismatched',
    dimension: 'correctness',
    title: 'Caption that fits no better than chance',
    why: 'Its CLIP score is below the median of captions with images of other pairs. The proxy may be wrong.',
    severity: 'doubt',
    rows: ({ scores, chance }) => where(scores.length, (row) => scores[row]! < chance),
  },
  {
    id: 'near-duplicate',
    dimension: 'uniqueness',
    title: 'Image much like that of a better matching pair',
    why: 'It adds little; of each cluster the pair with the best CLIP score is not counted.',
    severity: 'doubt',
    rows: ({ nearDuplicates }) => nearDuplicates,
  },
  {
    id: 'rare-class',
    dimension: 'balance',
    title: `Of a class with less than a ${1 / RARE}th of the mean`,
    why: 'A model sees little of it: worth keeping, or collecting more of.',
    severity: 'note',
    rows({ labels, classSizes }: EmbeddingFacts): Iterable<number> {
      const sizes = Array.from(classSizes).filter((size) => size > 0);
      const least = (RARE * sizes.reduce((sum, size) => sum + size, 0)) / Math.max(1, sizes.length);
      return where(labels.length, (row) => labels[row]! >= 0 && classSizes[labels[row]!]! < least);
    },
  },
];

function* where(rows: number, holds: (row: number) => boolean): Iterable<number> {
  for (let row = 0; row < rows; row++) if (holds(row)) yield row;
}
