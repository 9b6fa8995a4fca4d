import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectClipcov } from '../../../server/selection/clipcov.js';
import { marginalGain, nearestImages } from '../../../server/selection/explain.js';
import { productInput } from './productInput.js';
import { dot, samplePairs, unit } from './samples.js';

describe('marginalGain', () => {
  it('is the gain that the greedy picked by, in terms that add up to it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 2, max: 30 }), async (seed, rows) => {
        const pairs = {
          ...samplePairs(seed, rows, 4),
          labels: Array.from({ length: rows }, (_, i) => i % 3),
        };
        const input = await productInput(pairs, rows);
        input.weights = { ...input.weights, balance: 0.7 };
        const order = await selectClipcov(input);
        for (const [rank, row] of order.rows.entries()) {
          const k = input.labels[row]!;
          const before = order.rows.slice(0, rank).filter((other) => input.labels[other] === k);
          const gain = await marginalGain(input.table, row, k, before, input.context, input.weights);
          expect(gain.value).toBeCloseTo(order.gains[rank]!, 9);
          expect(Object.values(gain.terms).reduce((a, b) => a + b, 0)).toBe(gain.value);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('nearestImages', () => {
  it('are the most like of the others, ties to the first, and none among none', async () => {
    const { images, texts } = samplePairs(5, 40, 6);
    images[30] = images[7]!;
    const { table } = await productInput({ images, texts, labels: images.map(() => 0) }, 40);
    const v = images.map(unit);
    const check = async (): Promise<void> => undefined;
    for (const row of [0, 7, 30, 39]) {
      const others = Int32Array.from(images.keys());
      const best = [...others]
        .filter((i) => i !== row)
        .sort((a, b) => dot(v[row]!, v[b]!) - dot(v[row]!, v[a]!) || a - b);
      const found = await nearestImages(table, row, others, 5, check);
      expect(found.map((one) => one.row)).toEqual(best.slice(0, 5));
      for (const { row: other, cosine } of found) expect(cosine).toBeCloseTo(dot(v[row]!, v[other]!), 6);
    }
    expect(await nearestImages(table, 3, Int32Array.of(3), 5, check)).toEqual([]);
    expect(await nearestImages(table, 3, Int32Array.of(3, 4), 5, check)).toHaveLength(1);
    expect(await nearestImages(table, 3, new Int32Array(0), 5, check)).toEqual([]);
  });
});
