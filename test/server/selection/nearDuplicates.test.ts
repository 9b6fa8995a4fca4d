import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsByClass } from '../../../server/selection/latentClasses.js';
import { nearDuplicates } from '../../../server/selection/nearDuplicates.js';
import { productsOf } from '../engine/testProducts.js';
import { plainDuplicates } from './plainDuplicates.js';
import { tableOf } from './plainGreedy.js';
import { dot, nothing, samplePairs, unit } from './samples.js';
import { between } from './between.js';

async function found(
  images: number[][],
  texts: number[][],
  labels: number[],
  epsilon: number,
): Promise<number[]> {
  const members = rowsByClass(Int32Array.from(labels), 3);
  const products = productsOf(images[0]!.length);
  return [...(await nearDuplicates(tableOf(images, texts), members, epsilon, products, nothing))];
}

const turned = (degrees: number): number[] => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
];

describe('nearDuplicates', () => {
  it('drops what the rule drops, class by class', async () => {
    const problem = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 40 }),
      dim: fc.constantFrom(2, 3, 5),
      repeats: between(0, 0.9),
      epsilon: between(0.001, 0.3),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ seed, rows, dim, repeats, epsilon }) => {
        const { images, texts } = samplePairs(seed, rows, dim, { repeats });
        const labels = images.map((_, i) => (i % 7 === 6 ? -1 : i % 3));
        const near = images.map(unit);
        // The engine compares in float32: leave out what lies on the border.
        fc.pre(
          near.every((a, i) => near.slice(0, i).every((b) => Math.abs(dot(a, b) - (1 - epsilon)) > 1e-5)),
        );
        const members = rowsByClass(Int32Array.from(labels), 3);
        const expected = plainDuplicates(images, texts, members, epsilon);
        expect(await found(images, texts, labels, epsilon)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the end of a chain when its middle is dropped, and the middle when that scores best', async () => {
    // 0°, 10° and 20°: neighbours are near (cos 10° = 0.985), the ends are not (cos 20° = 0.940).
    const images = [turned(0), turned(10), turned(20)];
    const scored = (...offsets: number[]): number[][] => offsets.map((by, i) => turned(10 * i + by));
    expect(await found(images, scored(1, 5, 9), [0, 0, 0], 0.03)).toEqual([1]);
    expect(await found(images, scored(5, 1, 9), [0, 0, 0], 0.03)).toEqual([0, 2]);
    expect(await found(images, scored(9, 5, 1), [0, 0, 0], 0.03)).toEqual([1]);
  });

  it('keeps the lowest row of equal ones, and looks into one class at a time', async () => {
    const images = [turned(3), turned(3), turned(3), turned(3)];
    expect(await found(images, images, [0, 0, 0, 0], 0.01)).toEqual([1, 2, 3]);
    expect(await found(images, images, [0, 1, 0, 1], 0.01)).toEqual([2, 3]);
    expect(await found(images, images, [0, 1, 2, -1], 0.01)).toEqual([]);
  });

  it('drops what is above 1 − ε, not what is at it, in a block and across blocks', async () => {
    const images = Array.from({ length: 1_030 }, () => [0, 1]);
    const labels = images.map(() => 0);
    expect(await found(images, images, labels, 0)).toEqual([]);
  });

  it('keeps a pair at the border of one in an earlier block, and drops what is near to it', async () => {
    // The cosine of the second and the first kind is 0.6, of the third and the second 0.8; scores fall from kind to kind.
    const kinds = [...new Array<number>(1_024).fill(0), 1, 2];
    const images = kinds.map(
      (kind) =>
        [
          [1, 0],
          [3, 4],
          [0, 5],
        ][kind]!,
    );
    const texts = kinds.map(
      (kind) =>
        [
          [1, 0],
          [4, 4],
          [3, 5],
        ][kind]!,
    );
    const labels = kinds.map(() => 0);
    const copies = Array.from({ length: 1_023 }, (_, i) => i + 1);
    expect(await found(images, texts, labels, 0.4)).toEqual([...copies, 1_025]);
  });

  it('says how far it is, in the middle of a class too', async () => {
    const { images, texts } = samplePairs(3, 1_100, 3);
    const members = rowsByClass(
      Int32Array.from(images, (_, i) => (i < 1_050 ? 0 : 1)),
      2,
    );
    const seen: [number, number][] = [];
    await nearDuplicates(tableOf(images, texts), members, 0.01, productsOf(3), async (done, total) => {
      seen.push([done, total]);
    });
    expect(seen.every(([, total]) => total === 1_100)).toBe(true);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
    expect(seen.filter(([done]) => done === 0).length).toBeGreaterThan(2);
    expect(seen.filter(([done]) => done === 1_050).length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual([1_100, 1_100]);
  });

  it('finds duplicates across its blocks of 1,024 rows', async () => {
    const { images, texts } = samplePairs(7, 2300, 5, { repeats: 0.3 });
    const labels = images.map(() => 0);
    const members = rowsByClass(Int32Array.from(labels), 1);
    const expected = plainDuplicates(images, texts, members, 0.002);
    expect(expected.length).toBeGreaterThan(300);
    const dropped = await found(images, texts, labels, 0.002);
    // A few pairs may lie so near the border that float32 and float64 disagree.
    const differ = new Set(
      [...expected, ...dropped].filter((row) => expected.includes(row) !== dropped.includes(row)),
    );
    expect(differ.size).toBeLessThanOrEqual(3);
  });

  it('takes little longer where all are alike than where none are', async () => {
    const images = Array.from({ length: 20_000 }, () => [1, 2, 3]);
    const dropped = await found(
      images,
      images,
      images.map(() => 0),
      0.01,
    );
    expect(dropped).toEqual(Array.from({ length: 19_999 }, (_, i) => i + 1));
  }, 5000);
});
