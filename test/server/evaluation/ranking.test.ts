import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bestPositiveRanks,
  diagonalRanks,
  meanPerClassRecall,
  shareWithin,
} from '../../../server/evaluation/ranking.js';

describe('bestPositiveRanks', () => {
  it('is the place of the first positive in a stable sort by score', () => {
    const tables = fc.integer({ min: 1, max: 6 }).chain((columns) =>
      fc.record({
        columns: fc.constant(columns),
        // Few different scores, so that ties abound.
        scores: fc.array(
          fc.array(fc.integer({ min: -2, max: 2 }), { minLength: columns, maxLength: columns }),
          { maxLength: 5 },
        ),
        positive: fc.array(fc.array(fc.nat(columns - 1)), { minLength: 5, maxLength: 5 }),
      }),
    );
    fc.assert(
      fc.property(tables, ({ columns, scores, positive }) => {
        const ranks = bestPositiveRanks(Float32Array.from(scores.flat()), columns, (row) => positive[row]!);
        const expected = scores.map((own, row) => {
          const place = [...own.keys()]
            .sort((a, b) => own[b]! - own[a]! || a - b)
            .findIndex((column) => positive[row]!.includes(column));
          return place < 0 ? Infinity : place;
        });
        expect([...ranks]).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('has no rows where there are no columns', () => {
    expect(bestPositiveRanks(new Float32Array(0), 0, () => [])).toHaveLength(0);
  });
});

it('of a table whose diagonal is the positives, ranks of columns are those of the rows of its transpose', () => {
  const tables = fc
    .integer({ min: 0, max: 6 })
    .chain((count) =>
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: count ** 2, maxLength: count ** 2 }),
    );
  fc.assert(
    fc.property(tables, (values) => {
      const count = Math.sqrt(values.length);
      const transposed = values.map((_, at) => values[(at % count) * count + Math.floor(at / count)]!);
      const ranks = (of: number[]): Float64Array =>
        bestPositiveRanks(Float32Array.from(of), count, (row) => [row]);
      expect(diagonalRanks(Float32Array.from(values), count)).toEqual({
        ofRows: ranks(values),
        ofColumns: ranks(transposed),
      });
    }),
    { numRuns: 300 },
  );
});

it('the share within k counts ranks below it, of all of them', () => {
  const ranks = Float64Array.of(0, 4, 5, Infinity);
  expect([1, 5, 6].map((k) => shareWithin(ranks, k))).toEqual([0.25, 0.5, 0.75]);
  expect(shareWithin(new Float64Array(0), 5)).toBe(0);
});

it('recall per class is averaged over the classes that have examples, whatever their size', () => {
  // Class 0: one of three right. Class 2: its only one. Class 1 has none.
  const ranks = Float64Array.of(0, 1, 3, 0);
  expect(meanPerClassRecall(ranks, Int32Array.of(0, 0, 0, 2), 3)).toBeCloseTo((1 / 3 + 1) / 2, 12);
  expect(meanPerClassRecall(new Float64Array(0), new Int32Array(0), 2)).toBe(0);
});
