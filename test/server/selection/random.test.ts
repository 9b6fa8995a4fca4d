import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidates, selectByClipScore, selectRandom } from '../../../server/selection/baselines.js';
import { prepareClasses } from '../../../server/selection/prepare.js';
import { Random } from '../../../server/selection/random.js';
import type { SelectionInput } from '../../../server/selection/selectionInput.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from './plainGreedy.js';
import { dot, nothing, samplePairs, unit } from './samples.js';

/** Of seed 7, by another implementation of the generator. */
const PINNED_INTEGERS = [210494603, 711084892, 3993689120, 4089369890, 1706118055, 2746022466];
const PINNED_NORMALS = [1.2038674517865402, -0.21806078065003942, 1.5395674024066033];

const range = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

async function inputOf(
  images: number[][],
  texts: number[][],
  labels: number[],
  budget: number,
  seed = 0,
): Promise<SelectionInput> {
  const table = tableOf(images, texts);
  const label = Int32Array.from(labels);
  const prepared = await prepareClasses(table, label, Math.max(0, ...labels) + 1, null, nothing);
  const weights = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 };
  const tools = { checkpoint: nothing, check: () => {}, products: productsOf(table.dim) };
  return { table, labels: label, ...prepared, weights, budget, seed, ...tools };
}

describe('Random', () => {
  it('samples without replacement, from the given values alone, and leaves them as they are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer(), { maxLength: 50 }),
        fc.nat(),
        fc.nat(),
        (values, seed, share) => {
          const given = Int32Array.from(values);
          const count = values.length ? share % (values.length + 1) : 0;
          const sample = new Random(seed).sample(given, count);
          expect(new Set(sample).size).toBe(count);
          expect([...sample].every((value) => values.includes(value | 0))).toBe(true);
          expect([...given]).toEqual(values.map((value) => value | 0));
          expect([...new Random(seed).sample(given, count)]).toEqual([...sample]);
          // Nested, as every selection is: fewer are the first of more.
          expect([...new Random(seed).sample(given, values.length)].slice(0, count)).toEqual([...sample]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is uniform: every value in every place equally often', () => {
    const [values, picks, runs] = [8, 3, 24_000];
    const counts = Array.from({ length: picks }, () => new Float64Array(values));
    for (let seed = 0; seed < runs; seed++)
      new Random(seed).sample(range(values), picks).forEach((value, place) => counts[place]![value]!++);
    // χ² with 7 degrees of freedom exceeds 24.3 once in a thousand.
    for (const count of counts) {
      const expected = runs / values;
      expect(count.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(24.3);
    }
  });

  it('has no bias of a remainder below a large bound', () => {
    const bound = 3 * 2 ** 30;
    const random = new Random(11);
    // A plain remainder of 32 bits would put half of all draws into the first third.
    const low = Array.from({ length: 9000 }, () => random.below(bound)).filter(
      (value) => value < 2 ** 30,
    ).length;
    expect(low / 9000).toBeGreaterThan(0.31);
    expect(low / 9000).toBeLessThan(0.36);
  });

  it('means the same by a seed in every version: picks are to be found again', () => {
    const random = new Random(7);
    expect(Array.from({ length: 6 }, () => random.next())).toEqual(PINNED_INTEGERS);
    expect(Array.from({ length: 3 }, () => random.normal())).toEqual(
      PINNED_NORMALS.map((value) => expect.closeTo(value, 12) as number),
    );
  });

  it('has normal numbers of mean 0 and variance 1, as many far out as there are to be', () => {
    const random = new Random(3);
    const values = Array.from({ length: 40_000 }, () => random.normal());
    const mean = (of: (x: number) => number): number =>
      values.reduce((sum, x) => sum + of(x), 0) / values.length;
    expect(mean((x) => x)).toBeCloseTo(0, 1);
    expect(mean((x) => x * x)).toBeCloseTo(1, 1);
    expect(Math.abs(mean((x) => Number(Math.abs(x) > 1.96)) - 0.05)).toBeLessThan(0.005);
    expect(Math.abs(mean((x) => Number(x > 0)) - 0.5)).toBeLessThan(0.01);
  });

  it('differs from seed to seed', () => {
    const orders = new Set(
      Array.from({ length: 200 }, (_, seed) => new Random(seed).sample(range(12), 12).join()),
    );
    expect(orders.size).toBe(200);
  });
});

describe('the baselines', () => {
  it('choose among rows with a class alone', async () => {
    const { images, texts } = samplePairs(1, 20, 3);
    const labels = images.map((_, i) => (i % 3 === 0 ? -1 : i % 2));
    const input = await inputOf(images, texts, labels, 13);
    const rows = labels.flatMap((label, i) => (label >= 0 ? [i] : []));
    expect([...candidates(input.labels)]).toEqual(rows);
    for (const method of [selectRandom, selectByClipScore])
      expect([...(await method(input)).rows].sort((a, b) => a - b)).toEqual(rows);
  });

  it('clip-score takes the largest ⟨v,l⟩ first and the lowest row of equal ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 30 }), fc.nat(), async (seed, rows, take) => {
        const made = samplePairs(seed, rows, 4);
        // Every third pair is the one before it: exact ties.
        for (let i = 2; i < rows; i += 3) {
          made.images[i] = made.images[i - 1]!;
          made.texts[i] = made.texts[i - 1]!;
        }
        const budget = take % (rows + 1);
        const scores = made.images.map((image, i) => dot(unit(image), unit(made.texts[i]!)));
        const expected = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
        const order = await selectByClipScore(
          await inputOf(
            made.images,
            made.texts,
            scores.map(() => 0),
            budget,
          ),
        );
        expect([...order.rows]).toEqual(expected.slice(0, budget));
        order.rows.forEach((row, i) => expect(order.gains[i]).toBeCloseTo(scores[row]!, 12));
      }),
      { numRuns: 100 },
    );
  });

  it('random depends on the seed and on nothing else of the pairs', async () => {
    const labels = Array.from({ length: 15 }, () => 0);
    const one = samplePairs(1, 15, 3);
    const other = samplePairs(2, 15, 3);
    const order = async (pairs: typeof one, seed: number): Promise<number[]> => [
      ...(await selectRandom(await inputOf(pairs.images, pairs.texts, labels, 6, seed))).rows,
    ];
    expect(await order(one, 4)).toEqual(await order(other, 4));
    expect(await order(one, 4)).not.toEqual(await order(one, 5));
  });
});
