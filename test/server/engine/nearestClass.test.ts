import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../../server/engine/device.js';
import { NearestClass } from '../../../server/engine/nearestClass.js';
import { PairRows } from '../../../server/kernels/pairRows.js';
import { tableOf } from '../selection/plainGreedy.js';
import { dot, numbers, unit } from '../selection/samples.js';

const CPU: Device = { name: 'cpu', report: { used: 'cpu', refused: [] } };
const TWO_THREADS: Device = { ...CPU, threads: 2 };

async function labelsOf(images: number[][], classes: number[][], device = CPU): Promise<number[]> {
  const table = tableOf(images, images);
  const dim = images[0]!.length;
  const pairs = new PairRows(table, images.length, NearestClass.bytesNeeded(classes.length, dim));
  pairs.loadRange(0, images.length);
  const nearest = new NearestClass(device, Float64Array.from(classes.flat()), classes.length, pairs);
  const labels = new Int32Array(images.length).fill(-1);
  await nearest.label(Int32Array.from(images.keys()), labels, () => {});
  await nearest.release();
  return [...labels];
}

/** By the definition: float64, ties to the lowest. */
const plainLabels = (images: number[][], classes: number[][]): number[] =>
  images.map((row) => {
    const scores = classes.map((text) => dot(row, text));
    return scores.indexOf(Math.max(...scores));
  });

function sample(
  seed: number,
  { rows, dim, classes, apart }: { rows: number; dim: number; classes: number; apart: number },
): { images: number[][]; texts: number[][] } {
  const next = numbers(seed);
  const vector = (): number[] => Array.from({ length: dim }, next);
  const common = vector();
  // Small `apart`: all classes nearly the same, so that eight bits, and then float32, cannot tell them apart.
  const texts = Array.from({ length: classes }, () => unit(common.map((x) => x + apart * next())));
  const images = Array.from({ length: rows }, (_, i) => {
    const text = texts[i % classes]!;
    return vector().map((x, j) => Math.fround(0.3 * x + text[j]!));
  });
  return { images, texts };
}

describe('NearestClass', () => {
  it('is the argmax of the inner products in float64, however close the classes are', async () => {
    const problem = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 80 }),
      dim: fc.integer({ min: 2, max: 40 }),
      classes: fc.integer({ min: 1, max: 30 }),
      apart: fc.constantFrom(1, 0.1, 1e-2, 1e-4, 1e-6),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ seed, ...shape }) => {
        const { images, texts } = sample(seed, shape);
        expect(await labelsOf(images, texts)).toEqual(plainLabels(images, texts));
      }),
      { numRuns: 60 },
    );
  });

  it('gives equal classes to the first of them, more of them than a product lists included', async () => {
    const images = [
      [1, 0],
      [0, 1],
      [1, 1],
    ];
    for (const copies of [1, 3, 12]) {
      const classes = Array.from({ length: 2 * copies }, (_, k) => (k % 2 ? [0, 1] : [1, 0]));
      expect(await labelsOf(images, classes)).toEqual([0, 1, 0]);
    }
  });

  it('classifies each row alike in a batch of any size, of any length, and with any number of threads', async () => {
    const { images, texts } = sample(3, { rows: 1500, dim: 37, classes: 50, apart: 0.05 });
    const together = await labelsOf(images, texts);
    expect(together).toEqual(plainLabels(images, texts));
    expect(await labelsOf(images, texts, TWO_THREADS)).toEqual(together);
    for (const [first, count] of [
      [0, 1],
      [700, 3],
      [1000, 500],
    ] as const)
      expect(await labelsOf(images.slice(first, first + count), texts)).toEqual(
        together.slice(first, first + count),
      );
    const longer = images.map((row, i) => row.map((x) => Math.fround(x * 2 ** ((i % 7) - 3))));
    expect(await labelsOf(longer, texts)).toEqual(together);
  });
});
