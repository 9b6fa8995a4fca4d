import { describe, expect, it } from 'vitest';
import { clipScores } from '../../../server/selection/clipScores.js';
import { measureRows } from '../../../server/selection/objective.js';
import { unitImages, unitPairs } from '../../../server/selection/unitRows.js';
import { tableOf } from './plainGreedy.js';
import { productInput } from './productInput.js';
import { dot, nothing, samplePairs, unit } from './samples.js';

const { images, texts } = samplePairs(11, 9, 5);
const [v, l] = [images.map(unit), texts.map(unit)];
const ROWS = Int32Array.of(7, 0, 3);

function near(found: ArrayLike<number>, expected: readonly number[], digits: number): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits));
}

describe('unit rows', () => {
  it('have length 1 and the direction of the rows asked for, in their order', () => {
    const table = tableOf(images, texts);
    near(
      unitImages(table, ROWS),
      [...ROWS].flatMap((row) => v[row]!),
      6,
    );
    const pairs = unitPairs(table, ROWS);
    near(
      pairs.images,
      [...ROWS].flatMap((row) => v[row]!),
      12,
    );
    near(
      pairs.texts,
      [...ROWS].flatMap((row) => l[row]!),
      12,
    );
  });
});

describe('scores', () => {
  const scoreOf = (row: number): number => dot(v[row]!, l[row]!);

  it('are those of the rows asked for, in their order', async () => {
    near(await clipScores(tableOf(images, texts), ROWS, nothing), [...ROWS].map(scoreOf), 9);
    const { table, labels, context, weights } = await productInput(
      { images, texts, labels: images.map((_, i) => i % 2) },
      1,
    );
    const measured = await measureRows(table, labels, ROWS, context, weights, nothing);
    near(measured.clipScores, [...ROWS].map(scoreOf), 9);
  });

  it('do not shift where the rows come in several blocks', async () => {
    const width = 8192;
    const wide = (row: number[]): number[] => [...row, ...new Array<number>(width - row.length).fill(0)];
    const rows = Int32Array.from({ length: 520 }, (_, i) => (i * 5) % 9);
    const given = tableOf(images.map(wide), texts.map(wide));
    near(await clipScores(given, rows, nothing), [...rows].map(scoreOf), 9);
  });
});
