import { expect, it } from 'vitest';
import { chanceScore } from '../../../server/quality/chance.js';
import { duplicateHeads } from '../../../server/quality/clusters.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from '../selection/plainGreedy.js';
import { nothing } from '../selection/samples.js';

const turned = (degrees: number): number[] => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
];

it('joins near duplicates to the kept row most like them', async () => {
  const images = [0, 90, 1, 88, 91].map(turned);
  const heads = await duplicateHeads(
    tableOf(images, images),
    [Int32Array.of(0, 1, 2, 3, 4)],
    Int32Array.of(2, 3, 4),
    productsOf(2),
    nothing,
  );
  expect([...heads]).toEqual(
    expect.arrayContaining([
      [2, 0],
      [3, 1],
      [4, 1],
    ]),
  );
});

it('takes captions of other pairs for chance', async () => {
  const images = [0, 90, 0, 90].map(turned);
  const texts = [0, 90, 90, 0].map(turned);
  // Two of the four captions that lie half the set away fit, two do not.
  expect(await chanceScore(tableOf(images, texts), Int32Array.of(0, 1, 2, 3), nothing)).toBeCloseTo(0.5, 6);
});
