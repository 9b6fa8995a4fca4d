import fc from 'fast-check';
import { expect, it } from 'vitest';
import { centreDistances } from '../../../server/evaluation/centres.js';
import type { ClassSums } from '../../../server/selection/crossCovariance.js';

const DIM = 2;
const CLASSES = 3;
type Pair = { k: number; image: number[]; text: number[] };

function sumsOf(pairs: Pair[]): ClassSums {
  const sums: ClassSums = {
    ...{ classes: CLASSES, dim: DIM, counts: new Int32Array(CLASSES) },
    images: new Float64Array(CLASSES * DIM),
    texts: new Float64Array(CLASSES * DIM),
  };
  for (const { k, image, text } of pairs) {
    sums.counts[k]!++;
    for (let j = 0; j < DIM; j++) {
      sums.images[k * DIM + j]! += image[j]!;
      sums.texts[k * DIM + j]! += text[j]!;
    }
  }
  return sums;
}

it('is the mean distance of the centres of covered classes, by side', () => {
  const row = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: DIM, maxLength: DIM });
  const pairs = fc.array(fc.record({ k: fc.nat(CLASSES - 1), image: row, text: row }), { maxLength: 12 });
  fc.assert(
    fc.property(pairs, fc.infiniteStream(fc.boolean()), (all, chosen) => {
      const picked = all.filter(() => chosen.next().value);
      const expected = (side: 'image' | 'text'): number => {
        const distances = Array.from({ length: CLASSES }, (_, k) => k)
          .filter((k) => picked.some((pair) => pair.k === k))
          .map((k) => {
            const centre = (pairs: Pair[]): number[] => {
              const own = pairs.filter((pair) => pair.k === k).map((pair) => pair[side]);
              return Array.from(
                { length: DIM },
                (_, j) => own.reduce((sum, x) => sum + x[j]!, 0) / own.length,
              );
            };
            const whole = centre(all);
            return Math.hypot(...centre(picked).map((x, j) => x - whole[j]!));
          });
        return distances.length ? distances.reduce((a, b) => a + b, 0) / distances.length : 0;
      };
      const found = centreDistances(sumsOf(picked), sumsOf(all));
      expect(found.images).toBeCloseTo(expected('image'), 9);
      expect(found.texts).toBeCloseTo(expected('text'), 9);
    }),
    { numRuns: 200 },
  );
});

it('is √2 and √8, on average, of a class whose centre moves by (1, 1) and one whose moves by (2, −2)', () => {
  const pair = (k: number, ...image: number[]): Pair => ({ k, image, text: image.toReversed() });
  const all = [pair(0, 0, 0), pair(0, 2, 2), pair(1, 4, 0), pair(1, 0, 4), pair(2, 5, 5)];
  const found = centreDistances(sumsOf([all[1]!, all[2]!]), sumsOf(all));
  expect(found.images).toBeCloseTo((Math.SQRT2 + Math.sqrt(8)) / 2, 12);
  expect(found.texts).toBeCloseTo((Math.SQRT2 + Math.sqrt(8)) / 2, 12);
  expect(centreDistances(sumsOf([]), sumsOf(all))).toEqual({ images: 0, texts: 0 });
});
