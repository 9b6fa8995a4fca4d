import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../../server/protocol/selection.js';
import { methods } from '../../../server/selection/methods.js';
import type { SelectionInput, SelectionOrder } from '../../../server/selection/selectionInput.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from './plainGreedy.js';
import { productInput, type SamplePairs } from './productInput.js';
import { numbers, samplePairs } from './samples.js';

const DIM = 6;
/** All but what draws rows by their number. */
const RANKING = METHODS.filter((name) => name !== 'random' && name !== 'skmm');

async function inputOf(pairs: SamplePairs, early: number[][], budget: number): Promise<SelectionInput> {
  const target = samplePairs(4711, 5, DIM).images.flat();
  return {
    ...(await productInput(pairs, budget)),
    target: { images: Float32Array.from(target), norm: '2' },
    early: { table: tableOf(pairs.images, early), products: productsOf(DIM) },
  };
}

interface Made {
  pairs: SamplePairs;
  early: number[][];
}

function make(seed: number, rows: number): Made {
  const next = numbers(seed + 5);
  return {
    pairs: {
      ...samplePairs(seed, rows, DIM),
      labels: Array.from(
        { length: rows },
        () => Math.floor(2.3 * Math.abs(next()) * 1.3) - (next() > 0.9 ? 1 : 0),
      ),
      classEmbeddings: Array.from({ length: 3 }, () => Array.from({ length: DIM }, next)),
    },
    early: samplePairs(seed + 77, rows, DIM).texts,
  };
}

const at = <T>(values: T[], order: number[]): T[] => order.map((row) => values[row]!);
const moved = ({ pairs, early }: Made, order: number[]): Made => ({
  pairs: {
    ...pairs,
    images: at(pairs.images, order),
    texts: at(pairs.texts, order),
    labels: at(pairs.labels, order),
  },
  early: at(early, order),
});

const count = ({ pairs }: Made): number => pairs.labels.filter((label) => label >= 0).length;

async function run(name: Method, made: Made, budget = count(made)): Promise<SelectionOrder> {
  return methods[name](await inputOf(made.pairs, made.early, budget));
}

/** Whether no tie, which goes to the lowest row, nor rounding decides on the pick at `i`. */
function isClear({ gains }: SelectionOrder, i: number): boolean {
  return [gains[i - 1], gains[i + 1]].every(
    (other) => other === undefined || Math.abs(gains[i]! - other) > 1e-4,
  );
}

/** Two pairs alone in a class are as far from their mean as each other: SemDeDup's order of them is by row. */
const hasPairOfTwo = ({ pairs }: Made): boolean =>
  [0, 1, 2].some((k) => pairs.labels.filter((label) => label === k).length === 2);

describe.each(RANKING)('%s', (name) => {
  it('permutes its picks as its rows are permuted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 3, max: 20 }), fc.nat(), async (seed, rows, by) => {
        const made = make(seed, rows);
        fc.pre(!name.startsWith('semdedup') || !hasPairOfTwo(made));
        const before = await run(name, made);
        const next = numbers(by);
        const order = Array.from({ length: rows }, (_, row) => ({ row, key: next() }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => row);
        const after = await run(name, moved(made, order));
        before.rows.forEach((row, i) => {
          expect(after.gains[i]).toBeCloseTo(before.gains[i]!, 4);
          if (isClear(before, i)) expect(order[after.rows[i]!]).toBe(row);
        });
      }),
      { numRuns: 15 },
    );
  });

  it('does not see how long rows are, picks each candidate once, and no other', async () => {
    const made = make(12, 18);
    const before = await run(name, made);
    const scaled = (rows: number[][]): number[][] =>
      rows.map((row, i) => row.map((x) => x * 2 ** ((i % 5) - 2)));
    const after = await run(name, {
      pairs: { ...made.pairs, images: scaled(made.pairs.images), texts: scaled(made.pairs.texts) },
      early: scaled(made.early),
    });
    expect([...after.rows]).toEqual([...before.rows]);
    expect(new Set(before.rows).size).toBe(before.rows.length);
    for (const row of before.rows) expect(made.pairs.labels[row]).toBeGreaterThanOrEqual(0);
    expect((await run(name, made, 0)).rows).toHaveLength(0);
  });

  it('says how far it is, never less than before, nor more than there is', async () => {
    const made = make(19, 20);
    const seen: [done: number, total: number][] = [];
    const input = await inputOf(made.pairs, made.early, 7);
    await methods[name]({ ...input, checkpoint: async (done, total) => void seen.push([done, total]) });
    expect(seen.length).toBeGreaterThan(0);
    const shares = seen.map(([done, total]) => done / total);
    expect(shares).toEqual(shares.slice().sort((a, b) => a - b));
    expect(shares[0]).toBeGreaterThanOrEqual(0);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  });

  // What pruning leaves of more picks need not begin with what it leaves of fewer.
  it.skipIf(name === 'clipcov-pruned')('is nested: a smaller budget is a prefix', async () => {
    const made = make(31, 20);
    const whole = await run(name, made);
    expect(whole.rows).toHaveLength(count(made));
    for (const budget of [1, 5, 11])
      expect((await run(name, made, budget)).rows).toEqual(whole.rows.slice(0, budget));
  });
});
