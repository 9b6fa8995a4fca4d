import { expect, it } from 'vitest';
import { otherClassMeans, type ClassSums } from '../../../server/selection/crossCovariance.js';
import { prepareClasses } from '../../../server/selection/prepare.js';
import { tableOf } from './plainGreedy.js';

const sums: ClassSums = {
  ...{ classes: 4, dim: 3, counts: Int32Array.of(2, 0, 1, 4) },
  images: Float64Array.of(...[2, 4, 6], ...[0, 0, 0], ...[10, 20, 30], ...[400, 800, 1200]),
  texts: Float64Array.of(...[4, 2, 0], ...[0, 0, 0], ...[5, 5, 5], ...[-4, 0, 4]),
};

it('other classes are all but one, each by its mean, and an empty one not at all', () => {
  // Means of the images: (1, 2, 3), none, (10, 20, 30), (100, 200, 300).
  expect([...otherClassMeans(sums, 'images')]).toEqual([
    ...[110, 220, 330],
    ...[111, 222, 333],
    ...[101, 202, 303],
    ...[11, 22, 33],
  ]);
  // Of the texts: (2, 1, 0), none, (5, 5, 5), (−1, 0, 1).
  expect([...otherClassMeans(sums, 'texts')]).toEqual([
    ...[4, 5, 6],
    ...[6, 6, 6],
    ...[1, 1, 1],
    ...[7, 6, 5],
  ]);
});

it('sums that are known are taken as they are; others are summed, which says how far it is', async () => {
  const table = tableOf(
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
  );
  const done: [number, number][] = [];
  const progress = async (rows: number, total: number): Promise<void> => void done.push([rows, total]);
  const labels = Int32Array.of(3, 0);
  const { context } = await prepareClasses(table, labels, 4, null, progress, sums);
  expect(context.sums).toBe(sums);
  expect(context.liveClasses).toBe(3);
  expect(done).toEqual([]);
  const summed = await prepareClasses(table, labels, 4, null, progress);
  expect([...summed.context.sums.counts]).toEqual([1, 0, 0, 1]);
  expect(done).toEqual([[2, 2]]);
});
