import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectNotebook } from '../../../server/selection/notebook.js';
import { plainNotebook } from './plainNotebook.js';
import { productInput, type SamplePairs } from './productInput.js';
import { numbers, samplePairs } from './samples.js';
import { between } from './between.js';

async function picksOf(pairs: SamplePairs, budget: number, refreshEvery: number): Promise<number[]> {
  return [...(await selectNotebook(await productInput(pairs, budget), refreshEvery)).rows];
}

describe('selectNotebook', () => {
  it('picks what the script picks, in its order, through every refresh', async () => {
    const problem = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 60 }),
      dim: fc.constantFrom(2, 5),
      classes: fc.integer({ min: 1, max: 5 }),
      lean: between(-0.6, 0.8),
      refreshEvery: fc.constantFrom(1, 2, 3, 7, 200),
      share: between(0.3, 1),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ seed, rows, dim, classes, lean, refreshEvery, share }) => {
        const next = numbers(seed + 1);
        const pairs: SamplePairs = {
          ...samplePairs(seed, rows, dim, { lean }),
          // Class 0 is the largest; some pairs are no candidates; one class may be empty.
          labels: Array.from({ length: rows }, () =>
            Math.max(-1, Math.floor(classes * Math.abs(next() * next()) - 0.05)),
          ),
          classEmbeddings: Array.from({ length: classes }, () => Array.from({ length: dim }, next)),
        };
        const budget = Math.floor(share * pairs.labels.filter((label) => label >= 0).length);
        expect(await picksOf(pairs, budget, refreshEvery)).toEqual(
          plainNotebook(pairs, budget, refreshEvery),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('gives equal scores to the highest row, where every number is exact', async () => {
    // Rows of ±1 on one of two axes in two classes of eight: all sums are exact, and most scores tie.
    const axis = (at: number): number[] => [(at & 1) * (at & 2 ? -1 : 1), (1 - (at & 1)) * (at & 2 ? -1 : 1)];
    const rows = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { minLength: 16, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(2, 3, 5), async (made, refreshEvery) => {
        const pairs: SamplePairs = {
          images: made.map(([image]) => axis(image)),
          texts: made.map(([, text]) => axis(text)),
          labels: made.map((_, i) => i % 2),
          classEmbeddings: [axis(0), axis(1)],
        };
        expect(await picksOf(pairs, 16, refreshEvery)).toEqual(plainNotebook(pairs, 16, refreshEvery));
      }),
      { numRuns: 200 },
    );
    const same: SamplePairs = {
      images: Array.from({ length: 8 }, () => axis(1)),
      texts: Array.from({ length: 8 }, () => axis(1)),
      labels: Array.from({ length: 8 }, () => 0),
    };
    expect(await picksOf(same, 8, 3)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it('sums over blocks of 1,024 rows as over the whole', async () => {
    const pairs: SamplePairs = {
      ...samplePairs(3, 2300, 5),
      labels: Array.from({ length: 2300 }, (_, i) => (i % 10 === 0 ? 1 : 0)),
      classEmbeddings: [
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
      ],
    };
    expect(await picksOf(pairs, 1150, 200)).toEqual(plainNotebook(pairs, 1150, 200));
  });

  it('says how far it is: half for the scores, half for the picks', async () => {
    const pairs: SamplePairs = {
      ...samplePairs(9, 30, 4),
      labels: Array.from({ length: 30 }, (_, i) => i % 3),
    };
    const seen: [done: number, total: number][] = [];
    const checkpoint = async (...at: [number, number]): Promise<void> => void seen.push(at);
    await selectNotebook({ ...(await productInput(pairs, 30)), checkpoint }, 2);
    expect(seen.every(([, total]) => total === 60)).toBe(true);
    const done = seen.map(([own]) => own);
    expect(done.slice(0, 3)).toEqual([0, 10, 20]);
    expect(done).toEqual(done.slice().sort((a, b) => a - b));
    expect(done.filter((own) => own >= 30).length).toBeGreaterThan(10);
    expect(Math.max(...done)).toBeLessThanOrEqual(60);
    expect(Math.max(...done)).toBeGreaterThan(55);
  });

  it('is a nested order, whatever the weights of the run', async () => {
    const pairs: SamplePairs = {
      ...samplePairs(9, 80, 4),
      labels: Array.from({ length: 80 }, (_, i) => i % 3),
    };
    const whole = await picksOf(pairs, 80, 3);
    expect(new Set(whole).size).toBe(80);
    for (const budget of [0, 1, 37]) expect(await picksOf(pairs, budget, 3)).toEqual(whole.slice(0, budget));
    const input = await productInput(pairs, 80);
    input.weights = { cross: 0, self: 0, label: 0, inter: 0, redundancy: 5, balance: 2 };
    expect([...(await selectNotebook(input, 3)).rows]).toEqual(whole);
  });
});
