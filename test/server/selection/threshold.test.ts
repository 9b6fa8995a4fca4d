import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descendingOrder } from '../../../server/selection/descendingOrder.js';
import { estimateThreshold, type ClassOutlook } from '../../../server/selection/threshold.js';
import { between } from './between.js';

/** Attractions in quarters: the order is that of a sort where no two different ones are nearly equal. */
const outlooks = fc.array(
  fc
    .record({
      pairs: fc.array(fc.tuple(fc.integer({ min: -8, max: 16 }), between(-1, 1), between(-1, 1)), {
        minLength: 1,
        maxLength: 12,
      }),
      redundancy: between(0, 3),
      balance: between(-1, 1),
    })
    .map(({ pairs, redundancy, balance }): ClassOutlook => ({
      ...{ k: 0, imageRadius: 1, textRadius: 1, similarityShift: 0, redundancy, balance },
      ...{ imageMean: new Float64Array(0), textMean: new Float64Array(0) },
      rows: Int32Array.from(pairs.keys()),
      attraction: Float64Array.from(pairs, ([a]) => a / 4),
      cross: Float64Array.from(pairs, ([, c]) => c),
      self: Float64Array.from(pairs, ([, , s]) => s),
    })),
  { minLength: 1, maxLength: 4 },
);

/** The estimated gains of all pairs as the formula has them, the largest first. */
function plainEstimates(classes: ClassOutlook[]): number[] {
  return classes
    .flatMap(({ attraction, cross, self, redundancy, balance }) => {
      const size = self.length;
      const order = [...self.keys()].sort((a, b) => attraction[b]! - attraction[a]! || a - b);
      const mean = cross.reduce((sum, x) => sum + x, 0) / size;
      const gains = order.map((e, s) => {
        const picked = order.slice(0, s).reduce((sum, j) => sum + cross[j]!, 0);
        const similar = self[e]! + s * (cross[e]! - mean) + picked;
        return attraction[e]! - redundancy * similar - (balance * (2 * s + 1)) / (2 * size);
      });
      return gains.map((_, s) => Math.min(...gains.slice(0, s + 1)));
    })
    .sort((a, b) => b - a);
}

describe('descendingOrder', () => {
  it('has each position once, and larger keys first unless they are in the same 4,095th of the range', () => {
    fc.assert(
      fc.property(fc.array(between(-1e3, 1e3), { maxLength: 40 }), (keys) => {
        const order = [...descendingOrder(Float64Array.from(keys))];
        expect([...order].sort((a, b) => a - b)).toEqual([...keys.keys()]);
        const high = Math.max(...keys);
        const range = high - Math.min(...keys);
        const bins = order.map((i) => (range > 0 ? ((high - keys[i]!) / range) * 4_095 : 0));
        for (let at = 1; at < bins.length; at++) {
          const [before, own] = [bins[at - 1]!, bins[at]!];
          expect(own - before).toBeGreaterThan(-1 - 1e-9);
          // On the edge of a step rounding decides.
          if ([before, own].some((bin) => Math.abs(bin - Math.round(bin)) < 1e-9)) continue;
          expect(Math.floor(own)).toBeGreaterThanOrEqual(Math.floor(before));
          if (Math.floor(own) === Math.floor(before)) expect(order[at]!).toBeGreaterThan(order[at - 1]!);
        }
      }),
      { numRuns: 300, examples: [[[-1.004e-320, 8e-323]]] },
    );
  });

  it('leaves equal keys as they are', () => {
    expect([...descendingOrder(Float64Array.of(3, 3, 3))]).toEqual([0, 1, 2]);
    expect([...descendingOrder(Float64Array.of(1, 3, 2, 3))]).toEqual([1, 3, 2, 0]);
    expect([...descendingOrder(new Float64Array(0))]).toEqual([]);
  });
});

describe('estimateThreshold', () => {
  it('is at most a 65,536th of their range below the estimate of the last pick, and never above it', () => {
    fc.assert(
      fc.property(outlooks, fc.nat(), (classes, at) => {
        const gains = plainEstimates(classes);
        fc.pre(gains.length > 1);
        const budget = 1 + (at % (gains.length - 1));
        const threshold = estimateThreshold(classes, budget);
        const last = gains[budget - 1]!;
        const step = (gains[0]! - gains.at(-1)!) / 65_536 || 1;
        expect(threshold).toBeLessThanOrEqual(last + 1e-12);
        expect(threshold).toBeGreaterThanOrEqual(last - step - 1e-12);
      }),
      { numRuns: 300 },
    );
  });

  it('sets no end where all are wanted', () => {
    fc.assert(
      fc.property(outlooks, (classes) => {
        const total = classes.reduce((sum, { rows }) => sum + rows.length, 0);
        expect(estimateThreshold(classes, total)).toBe(-Infinity);
        expect(estimateThreshold(classes, total + 1)).toBe(-Infinity);
      }),
    );
  });

  it('is one step below gains that are all the same', () => {
    const same = {
      attraction: new Float64Array(5).fill(2),
      cross: new Float64Array(5),
      self: new Float64Array(5),
    };
    const outlook: ClassOutlook = {
      ...{ k: 0, imageRadius: 1, textRadius: 1, similarityShift: 0, redundancy: 1, balance: 0 },
      ...{
        imageMean: new Float64Array(0),
        textMean: new Float64Array(0),
        rows: Int32Array.of(0, 1, 2, 3, 4),
      },
      ...same,
    };
    expect(estimateThreshold([outlook], 3)).toBe(1);
  });
});
