import { expect, it } from 'vitest';
import { ClassRows } from '../../../server/evaluation/classRows.js';
import { repeatBytes, repeatMemory } from '../../../server/evaluation/largeRepeats.js';
import type { PickedClass } from '../../../server/evaluation/pickedClass.js';
import {
  boundsBytes,
  boundsMemory,
  RepeatBounds,
  rightAt,
  type LeftBounds,
  type RightBounds,
} from '../../../server/evaluation/repeatBounds.js';
import { tableOf } from '../selection/plainGreedy.js';
import { dot, samplePairs, unit } from '../selection/samples.js';

const MOST = 40;

/** Rows of one class, open, and what bounds need to know of it. */
function opened(given: number[][]) {
  const images = given.map(unit);
  const table = tableOf(given, given);
  const rows = new ClassRows(table, images.length, boundsBytes(table.dim, MOST));
  rows.open(Int32Array.from(images.keys()));
  const mean = Float64Array.from(
    images[0]!,
    (_, j) => images.reduce((sum, row) => sum + row[j]!, 0) / images.length,
  );
  rows.setMeans(mean, mean);
  const towardsMean = Float64Array.from(images, (row) => dot(row, [...mean]));
  const picked = { size: images.length, imageMean: mean, towardsMean } as PickedClass;
  return { images, bounds: new RepeatBounds(picked, rows, boundsMemory(rows, MOST)) };
}

/** As it is computed from a product in bytes: the bound less 1 − ε. */
function boundOf(
  unitOf: number,
  width: number,
  left: LeftBounds,
  i: number,
  right: RightBounds,
  j: number,
): number {
  let product = 0;
  const columns = right.rests.length;
  for (let c = 0; c < width; c++)
    product += (left.bytes[i * width + c]! - 128) * right.bytes[c * columns + j]!;
  return unitOf * product + left.rests[i]! * right.rests[j]! + left.offsets[i]! + right.offsets[j]!;
}

/** The least and the most that bounds are above their cosines, over all pairs of some rows. */
function excess(given: number[][]): { least: number; most: number } {
  const { images, bounds } = opened(given);
  const some = Int32Array.from({ length: MOST }, (_, i) => (7 * i) % images.length);
  const { left, right } = bounds.of(some);
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < MOST; i++)
    for (let j = 0; j < MOST; j++) {
      const cosine = dot(images[some[i]!]!, images[some[j]!]!);
      const above = boundOf(bounds.unit, bounds.width, left, i, right, j) - (cosine - 0.95);
      [least, most] = [Math.min(least, above), Math.max(most, above)];
    }
  return { least, most };
}

/** All that tells rows apart lies in a few coordinates, near the end; the others are the same. */
function spread(seed: number, size: number): number[][] {
  const { images } = samplePairs(seed, 300, 32, { repeats: 0.2 });
  return images.map((row) => row.map((x, j) => (j >= 20 && j < 30 ? size * x : 0.3)));
}

it('no cosine is above its bound, and where bounds see all that tells rows apart none is far below', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { least, most } = excess(spread(seed, seed % 2 ? 1 : -0.4));
    expect(least).toBeGreaterThan(0);
    expect(most).toBeLessThan(0.08);
  }
});

it('no cosine is above its bound where most lies outside the coordinates, or beyond the steps', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { images } = samplePairs(seed, 400, 16, { repeats: 0.2 });
    expect(excess(images).least).toBeGreaterThan(0);
    // Rows that come after those by which the steps are chosen are far larger.
    const later = images.map((row, i) => (i < 256 ? row.map((x, j) => (j < 2 ? 4 + x / 50 : x / 50)) : row));
    expect(excess(later).least).toBeGreaterThan(0);
  }
});

it('steps are within what sums of 16 bits hold, and use most of it on either side', () => {
  const { bounds } = opened(spread(1, 1));
  const { left, right } = bounds.of(Int32Array.from({ length: MOST }, (_, i) => i));
  const largest = (values: ArrayLike<number>, zero: number): number =>
    Math.max(...Array.from(values, (value) => Math.abs(value - zero)));
  expect(largest(left.bytes, 128)).toBeLessThanOrEqual(127);
  expect(largest(left.bytes, 128)).toBeGreaterThan(64);
  expect(largest(right.bytes, 0)).toBeLessThanOrEqual(63);
  expect(largest(right.bytes, 0)).toBeGreaterThan(32);
});

it('of a block some rows can be kept', () => {
  const { bounds } = opened(spread(2, 1));
  const all = bounds.of(Int32Array.of(3, 50, 7, 9)).right;
  const two = bounds.of(Int32Array.of(50, 9)).right;
  expect(rightAt(all, [1, 3])).toEqual(two);
  expect(rightAt(all, [0, 1, 2, 3])).toEqual(all);
});

it('memory is taken as is said', () => {
  const size = (parts: object): number =>
    Object.values(parts).reduce(
      (sum: number, part: ArrayBufferView | object) => sum + (ArrayBuffer.isView(part) ? part.byteLength : 0),
      0,
    );
  // Of 64 coordinates 20 are looked at, of 3 all.
  for (const [dim, width] of [
    [64, 20],
    [3, 3],
  ] as const) {
    const row = [Array.from({ length: dim }, (_, j) => j + 1)];
    const rows = new ClassRows(tableOf(row, row), 1, repeatBytes(dim) + boundsBytes(dim, 10));
    const few = boundsMemory(rows, 10);
    expect(few.coordinates).toHaveLength(width);
    // Each allocation is rounded up to 16 bytes.
    expect(boundsBytes(dim, 10) - size(few)).toBe(4 * 16);
    const { bounds, sums, ...whole } = repeatMemory(rows);
    expect(sums.byteOffset).toBe(whole.values.byteOffset);
    expect(repeatBytes(dim) - size(whole) - size(bounds)).toBe(8 * 16);
  }
});
