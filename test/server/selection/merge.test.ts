import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BestGains, mergeByHead, type ClassRun } from '../../../server/selection/merge.js';

const gains = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 12 });

describe('BestGains', () => {
  it('knows the least of the best so many, and refuses what is below all of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.array(fc.integer({ min: -9, max: 9 })),
        (most, offers) => {
          const best = new BestGains(most);
          const seen: number[] = [];
          for (const value of offers) {
            const full = seen.length >= most;
            expect(best.offer(value)).toBe(!full || (most > 0 && value >= seen[most - 1]!));
            seen.push(value);
            seen.sort((a, b) => b - a);
            expect(best.least).toBe(most > 0 && seen.length >= most ? seen[most - 1] : -Infinity);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes of a class its running minima, since a pick behind a small gain waits for it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(gains, { maxLength: 4 }), (most, runs) => {
        const best = new BestGains(most);
        for (const run of runs) best.offerRun(Float64Array.from(run));
        const minima = runs.flatMap((run) => run.map((_, i) => Math.min(...run.slice(0, i + 1))));
        minima.sort((a, b) => b - a);
        expect(best.least).toBe(minima.length >= most ? minima[most - 1] : -Infinity);
      }),
      { numRuns: 300 },
    );
  });
});

describe('mergeByHead', () => {
  it('takes at every step the class whose next gain is largest, ties to the lowest row', () => {
    fc.assert(
      fc.property(fc.array(gains, { maxLength: 5 }), fc.nat({ max: 40 }), (classes, budget) => {
        // At most 60 rows, all different and in no order: 61 is prime.
        let row = 0;
        const runs = classes.map((gains): ClassRun => ({
          rows: Int32Array.from(gains, () => (++row * 7) % 61),
          gains: Float64Array.from(gains),
        }));
        const next = runs.map(() => 0);
        const expected: [number, number][] = [];
        for (;;) {
          const heads = runs.flatMap(({ rows, gains }, k) =>
            next[k]! < rows.length ? [{ k, row: rows[next[k]!]!, gain: gains[next[k]!]! }] : [],
          );
          const head = heads.sort((a, b) => b.gain - a.gain || a.row - b.row)[0];
          if (!head || expected.length === budget) break;
          next[head.k]!++;
          expected.push([head.row, head.gain]);
        }
        const order = mergeByHead(runs, budget);
        expect([...order.rows].map((row, i) => [row, order.gains[i]])).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
