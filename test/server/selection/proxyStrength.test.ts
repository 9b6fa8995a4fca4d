import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proxyStrength } from '../../../server/selection/proxyStrength.js';
import { Random } from '../../../server/selection/random.js';
import { tableOf } from './plainGreedy.js';
import { dot, samplePairs, unit } from './samples.js';
import { between } from './between.js';

const all = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
const axis = (i: number, dim: number): number[] => Array.from({ length: dim }, (_, j) => (i === j ? 1 : 0));
const axes = (count: number): number[][] => Array.from({ length: count }, (_, i) => axis(i, count));

describe('proxyStrength', () => {
  it('is 1 where every matched pair beats every shuffled one, and 0 the other way round', () => {
    for (const seed of [0, 1, 2]) {
      expect(proxyStrength(tableOf(axes(9), axes(9)), all(9), seed)).toEqual({
        auc: 1,
        sample: 9,
        warning: null,
      });
      const opposed = axes(9).map((row) => row.map((x) => -x));
      expect(proxyStrength(tableOf(axes(9), opposed), all(9), seed).auc).toBe(0);
    }
  });

  it('is ½ where captions say nothing, and then says so', () => {
    const same = axes(9).map(() => axis(0, 9));
    const { auc, warning } = proxyStrength(tableOf(axes(9), same), all(9), 0);
    expect(auc).toBe(0.5);
    expect(warning).toMatch(/AUC 0\.50, 0\.5 is chance.* clipcov\.model, flag --model/);
  });

  it('counts ties half', () => {
    // Matched scores 1, 1, 0, 0; whatever the order, a shuffled one is 0: P(>) = ½, P(=) = ½.
    const texts = [axis(0, 9), axis(1, 9), axis(7, 9), axis(8, 9)];
    const images = [axis(0, 9), axis(1, 9), axis(2, 9), axis(3, 9)];
    expect(proxyStrength(tableOf(images, texts), all(4), 5).auc).toBe(0.75);
  });

  it('equals the count over all pairs of scores', () => {
    const problem = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 2, max: 40 }),
      dim: fc.integer({ min: 2, max: 8 }),
      lean: between(-0.5, 1),
    });
    fc.assert(
      fc.property(problem, ({ seed, rows, dim, lean }) => {
        const { images, texts } = samplePairs(seed, rows, dim, { lean });
        const kept = all(rows).filter((row) => rows < 4 || row % 4 !== 3);
        const order = new Random(seed).sample(kept, kept.length);
        const [v, l] = [images.map(unit), texts.map(unit)];
        const matched = Array.from(order, (row) => dot(v[row]!, l[row]!));
        const shuffled = Array.from(order, (row, i) => dot(v[row]!, l[order[(i + 1) % order.length]!]!));
        // Scores that only rounding keeps apart are judged by nobody.
        fc.pre(matched.every((a) => shuffled.every((b) => Math.abs(a - b) > 1e-9)));
        const wins = matched.reduce((sum, a) => sum + shuffled.filter((b) => a > b).length, 0);
        const expected = wins / matched.length / shuffled.length;
        const found = proxyStrength(tableOf(images, texts), kept, seed);
        expect(found.auc).toBeCloseTo(expected, 12);
        expect(found.sample).toBe(kept.length);
        expect(found.warning === null).toBe(found.auc >= 0.7);
      }),
      { numRuns: 200 },
    );
  });

  it('looks at 2,000 pairs of more, the same for the same seed', () => {
    const { images, texts } = samplePairs(3, 2500, 4);
    const table = tableOf(images, texts);
    const one = proxyStrength(table, all(2500), 1);
    expect(one.sample).toBe(2000);
    expect(proxyStrength(table, all(2500), 1)).toEqual(one);
    expect(proxyStrength(table, all(2500), 2).auc).not.toBe(one.auc);
  });

  it('does not judge by fewer than two pairs', () => {
    for (const count of [0, 1])
      expect(proxyStrength(tableOf(axes(2), axes(2)), all(count), 0)).toMatchObject({
        auc: 0.5,
        sample: count,
        warning: expect.stringMatching(/Fewer than two/),
      });
  });
});
