import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batches, selectNegClipLoss } from '../../../server/selection/negClipLoss.js';
import type { SelectionInput } from '../../../server/selection/selectionInput.js';
import { productsOf } from '../engine/testProducts.js';
import { productInput } from './productInput.js';
import { dot, samplePairs, unit } from './samples.js';

async function inputOf(images: number[][], texts: number[][], labels: Int32Array): Promise<SelectionInput> {
  const live = labels.filter((label) => label >= 0).length;
  return productInput({ images, texts, labels: [...labels] }, live);
}

/** The paper's score written down in float64, over the given batches. */
function plainScores(
  images: number[][],
  texts: number[][],
  batch: number[][],
  temperature: number,
  shuffles: number,
): Map<number, number> {
  const v = images.map(unit);
  const l = texts.map(unit);
  const logSum = (values: number[]): number => {
    const max = Math.max(...values);
    return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
  };
  const scores = new Map<number, number>();
  for (const rows of batch)
    for (const e of rows) {
      const ofImage = logSum(rows.map((j) => dot(v[e]!, l[j]!) / temperature));
      const ofText = logSum(rows.map((j) => dot(v[j]!, l[e]!) / temperature));
      const score = dot(v[e]!, l[e]!) - (temperature / 2) * (ofImage + ofText);
      scores.set(e, (scores.get(e) ?? 0) + score / shuffles);
    }
  return scores;
}

describe('selectNegClipLoss', () => {
  it('scores as the plain definition does, whatever the blocks, and takes the largest first', async () => {
    const problem = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 40 }),
      dim: fc.integer({ min: 1, max: 12 }),
      temperature: fc.constantFrom(0.01, 0.1, 1),
      batchRows: fc.integer({ min: 1, max: 45 }),
      shuffles: fc.integer({ min: 1, max: 3 }),
      blockImages: fc.integer({ min: 1, max: 45 }),
      blockTexts: fc.integer({ min: 1, max: 45 }),
      left: fc.nat({ max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ seed, rows, dim, left, ...options }) => {
        const { images, texts } = samplePairs(seed, rows, dim);
        const labels = Int32Array.from({ length: rows }, (_, row) => (row % 5 === left ? -1 : row % 3));
        const input = { ...(await inputOf(images, texts, labels)), seed };
        const order = await selectNegClipLoss(input, options);
        const live = Int32Array.from(labels.keys()).filter((row) => labels[row]! >= 0);
        const parts = [...batches(live, options, seed)].map((batch) => [...batch]);
        const expected = plainScores(images, texts, parts, options.temperature, options.shuffles);
        expect([...order.rows].sort((a, b) => a - b)).toEqual([...live]);
        order.rows.forEach((row, i) => {
          expect(Math.abs(order.gains[i]! - expected.get(row)!)).toBeLessThan(1e-5);
          if (i > 0) expect(order.gains[i]!).toBeLessThanOrEqual(order.gains[i - 1]!);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps 1e-6 at the temperature and width of real embeddings', async () => {
    const { images, texts } = samplePairs(5, 300, 256);
    const input = await inputOf(images, texts, new Int32Array(300));
    const order = await selectNegClipLoss(input, { blockImages: 64, blockTexts: 128 });
    const expected = plainScores(images, texts, [[...Array(300).keys()]], 0.01, 1);
    order.rows.forEach((row, i) => expect(Math.abs(order.gains[i]! - expected.get(row)!)).toBeLessThan(1e-6));
  });

  it('ranks planted mismatches last', async () => {
    const { images, texts } = samplePairs(8, 200, 24, { lean: 0.7 });
    const planted = [3, 50, 51, 120, 199];
    const moved = planted.map((row) => texts[row]!);
    planted.forEach((row, i) => (texts[row] = moved[(i + 1) % moved.length]!));
    const order = await selectNegClipLoss(await inputOf(images, texts, new Int32Array(200)));
    expect([...order.rows.slice(-5)].sort((a, b) => a - b)).toEqual(planted);
  });

  it('gives equal pairs to the lowest row, and fewer are the first of more', async () => {
    const { images, texts } = samplePairs(2, 6, 4);
    const twice = [...images, ...images];
    const input = await inputOf(twice, [...texts, ...texts], new Int32Array(12));
    const all = await selectNegClipLoss(input);
    for (let i = 0; i < 12; i += 2) expect(all.rows[i + 1]! - all.rows[i]!).toBe(6);
    const few = await selectNegClipLoss({ ...input, budget: 5 });
    expect([...few.rows]).toEqual([...all.rows.slice(0, 5)]);
  });

  it('picks nothing of nothing', async () => {
    const { images, texts } = samplePairs(2, 3, 4);
    const order = await selectNegClipLoss(await inputOf(images, texts, new Int32Array(3).fill(-1)));
    expect(order.rows.length).toBe(0);
  });

  it('stops between blocks when the checkpoint throws', async () => {
    const { images, texts } = samplePairs(3, 64, 4);
    let calls = 0;
    const input: SelectionInput = {
      ...(await inputOf(images, texts, new Int32Array(64))),
      checkpoint: async () => {
        if (++calls === 3) throw new Error('stop');
      },
    };
    await expect(selectNegClipLoss(input, { blockImages: 8, blockTexts: 8 })).rejects.toThrow('stop');
    expect(calls).toBe(3);
  });
});

describe('the progress of negClipLoss', () => {
  it('reaches the number of pairs once, however many shuffles there are', async () => {
    const { images, texts } = samplePairs(3, 30, 4);
    const seen: [number, number][] = [];
    const checkpoint = async (...at: [number, number]): Promise<void> => void seen.push(at);
    const input = { ...(await inputOf(images, texts, new Int32Array(30))), checkpoint };
    await selectNegClipLoss(input, { batchRows: 10, blockImages: 4, shuffles: 3 });
    const done = seen.map(([own]) => own);
    expect(done).toEqual(done.slice().sort((a, b) => a - b));
    expect(seen.at(-1)).toEqual([expect.closeTo(30, 9), 30]);
  });

  it('stops while it scores the pairs, before any batch', async () => {
    const { images, texts } = samplePairs(3, 30, 4);
    const check = (): never => {
      throw new Error('stop');
    };
    const input = { ...(await inputOf(images, texts, new Int32Array(30))), check };
    await expect(selectNegClipLoss(input)).rejects.toThrow('stop');
  });
});

describe('batches', () => {
  const rows = Int32Array.from({ length: 103 }, (_, i) => 2 * i);
  const cut = (seed: number, shuffles = 1): number[][] =>
    [...batches(rows, { batchRows: 10, shuffles }, seed)].map((batch) => [...batch]);

  it('are a function of the seed, and every shuffle is another one', () => {
    expect(cut(4)).toEqual(cut(4));
    expect(cut(4)).not.toEqual(cut(5));
    const two = cut(4, 2);
    expect(two.slice(0, 11)).toEqual(cut(4));
    expect(two.slice(11)).not.toEqual(cut(4));
  });

  it('hold every row once a shuffle, and are of one size but for a single row', () => {
    const found = cut(1);
    expect(found.flat().sort((a, b) => a - b)).toEqual([...rows]);
    expect(found.length).toBe(11);
    expect(new Set(found.map((batch) => batch.length))).toEqual(new Set([9, 10]));
  });
});

describe('exponentialSums', () => {
  it('neither overflows nor vanishes at exponents far apart', async () => {
    const found = await productsOf(1).exponentialSums(
      Float32Array.of(1, -1),
      Float32Array.of(1, -1, 0),
      1000,
    );
    expect([...found.leftMax]).toEqual([1000, 1000]);
    expect([...found.leftSum]).toEqual([1, 1]);
    expect([...found.rightMax]).toEqual([1000, 1000, 0]);
    expect([...found.rightSum]).toEqual([1, 1, 2]);
  });
});
