import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepeatCount } from '../../../server/evaluation/repeats.js';
import { passOverClasses } from '../../../server/evaluation/subsetPass.js';
import type { Products } from '../../../server/selection/products.js';
import { plainDuplicates } from '../selection/plainDuplicates.js';
import { numbers, samplePairs } from '../selection/samples.js';
import { contextOf } from './plainContext.js';

describe('RepeatCount', () => {
  it('keeps the best-scored copy of each set, the first of equal ones, for more sets than a word has bits', () => {
    const pairs = 12;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 31, 32, 33, 70), (seed, sets) => {
        const next = numbers(seed);
        // Few scores, so that many are equal.
        const scores = Float64Array.from({ length: pairs }, () => Math.round(2 * next()));
        const alike = Array.from({ length: pairs }, () => Array.from({ length: pairs }, () => next() > 0.5));
        const same = (a: number, b: number): boolean => alike[Math.min(a, b)]![Math.max(a, b)]!;
        const inside = Array.from({ length: sets }, () => Array.from({ length: pairs }, () => next() > 0));
        const count = new RepeatCount(scores, sets);
        inside.forEach((own, set) =>
          own.forEach((holds, pair) => holds && count.include(Int32Array.of(pair), set)),
        );
        const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
        expect([...count.order]).toEqual(order);
        const counts = new Int32Array(sets);
        const kept = inside.map(() => [] as number[]);
        const expected = new Int32Array(sets);
        for (const pair of count.order) {
          for (const other of order) if (other !== pair && same(other, pair)) count.repeats(other);
          const alive = count.settle(pair, counts);
          inside.forEach((own, set) => {
            if (!own[pair]) return;
            if (kept[set]!.some((other) => same(other, pair))) expected[set]!++;
            else kept[set]!.push(pair);
          });
          expect(alive).toBe(kept.some((own) => own.at(-1) === pair));
        }
        expect(counts).toEqual(expected);
      }),
    );
  });
});

describe('repeats of a large class', () => {
  /** Counts them in all pairs and in a half, and notes how many products in bytes it took, of which width, and whole ones. */
  async function counted(images: number[][], texts: number[][]): Promise<Record<string, number>> {
    const rows = images.length;
    const context = await contextOf({ images, texts, labels: Array<number>(rows).fill(0) }, 1);
    const { products, table } = context;
    const taken: Record<string, number> = {};
    const note = (name: string): void => void (taken[name] = (taken[name] ?? 0) + 1);
    const watched = new Proxy(products, {
      get(target, name: keyof Products) {
        if (name === 'crossInBytes')
          return (left: Uint8Array, right: Int8Array, width: number, into: Int32Array) => {
            expect(Math.min(left.length, right.length)).toBeGreaterThan(0);
            expect([left.length % width, right.length % width]).toEqual([0, 0]);
            // What sums of 16 bits can hold.
            expect(right.every((step) => Math.abs(step) <= 63)).toBe(true);
            note(`bytes of ${width}`);
            return target.crossInBytes(left, right, width, into);
          };
        if (name !== 'cross') return target[name].bind(target);
        return (left: Float32Array, right: Float32Array, width = table.dim, into?: Float32Array) => {
          expect(Math.min(left.length, right.length)).toBeGreaterThan(0);
          expect([left.length % width, right.length % width]).toEqual([0, 0]);
          // Sums of matrices are products of columns, which are as long as the pairs are many.
          if (width === table.dim) note(`floats of ${width}`);
          return target.cross(left, right, width, into);
        };
      },
    });
    const subset = context.all.filter((row) => row % 2 === 1);
    const { full, found } = await passOverClasses([{ rows: subset, sizes: [300, subset.length] }], {
      ...context,
      products: watched,
    });
    for (const [passed, own] of [
      [full, context.all],
      [found[0]![0]!, subset.subarray(0, 300)],
      [found[0]![1]!, subset],
    ] as const) {
      const repeated = plainDuplicates(images, texts, [own], 0.05).length;
      expect(passed.duplicateRate).toBeCloseTo(repeated / own.length, 12);
    }
    expect(full.duplicateRate).toBeGreaterThan(0.05);
    return taken;
  }

  it('are decided by bounds over the coordinates in which the pairs differ most', async () => {
    // All that tells them apart lies in ten coordinates of 32, in the middle; half of each row is what all have in common.
    const { images, texts } = samplePairs(1, 2560, 32, { repeats: 0.15 });
    const spread = images.map((row) => row.map((x, j) => (j >= 11 && j < 21 ? x : 0.02 * x + 0.39)));
    // Twelve coordinates: each of five blocks meets itself and those before it.
    expect(await counted(spread, texts)).toEqual({ 'bytes of 12': 5 + 4 + 3 + 2 + 1 });
  });

  it('are decided by whole products where bounds leave too much open', async () => {
    // Alike in all coordinates, of which bounds see a third; not alike enough to repeat each other.
    const { images, texts } = samplePairs(2, 1200, 32, { repeats: 0.15 });
    const close = images.map((row) => row.map((x) => 1.4 + x));
    const taken = await counted(close, texts);
    expect(taken['bytes of 12']).toBe(1);
    expect(taken['floats of 32']).toBeGreaterThan(3);
  });

  it('are found in rows narrower than a product', async () => {
    const { images, texts } = samplePairs(3, 1200, 3, { repeats: 0.15 });
    const taken = await counted(images, texts);
    expect(taken['bytes of 3']).toBeGreaterThan(0);
  });

  it('leave nothing of a block out where most of it is dropped', async () => {
    // Four pictures again and again: of each block little is kept, and what is kept is met by all that come later.
    const { images, texts } = samplePairs(4, 1700, 32, { repeats: 0 });
    const few = images.map((row, i) => (i % 3 === 0 ? row : images[i % 4]!));
    expect(Object.keys(await counted(few, texts))).toContain('bytes of 12');
  });
});
