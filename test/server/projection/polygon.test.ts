import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isWithin, rowsWithin } from '../../../server/projection/polygon.js';

const SQUARE = [0, 0, 4, 0, 4, 4, 0, 4];
/** A square with a bay in its right side. */
const BAY = [0, 0, 4, 0, 2, 2, 4, 4, 0, 4];

it.each([
  [SQUARE, 1, 1, true],
  [SQUARE, 5, 1, false],
  [SQUARE, -1, 4, false],
  [BAY, 3.5, 2, false],
  [BAY, 1, 2, true],
  [BAY, 3, 0.5, true],
  [[], 0, 0, false],
  [[1, 1], 1, 1, false],
])('%j holds (%d, %d): %s', (polygon, x, y, expected) => {
  expect(isWithin(polygon, x, y)).toBe(expected);
});

it('is the same whichever corner comes first, and in either direction', () => {
  const coordinate = fc.integer({ min: -8, max: 8 });
  const corners = fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 9 });
  fc.assert(
    fc.property(corners, coordinate, coordinate, fc.nat(8), (given, a, b, turn) => {
      // Halves: no corner's height, where a ray would meet it.
      const [x, y] = [a + 0.31, b + 0.5];
      const expected = isWithin(given.flat(), x, y);
      const turned = [...given.slice(turn % given.length), ...given.slice(0, turn % given.length)];
      expect(isWithin(turned.flat(), x, y)).toBe(expected);
      expect(isWithin(given.toReversed().flat(), x, y)).toBe(expected);
    }),
  );
});

it('names the rows whose points lie inside, and none without a point', () => {
  const points = Float32Array.from([1, 1, NaN, NaN, 9, 9, 3, 3.5, 2, NaN]);
  expect([...rowsWithin(points, SQUARE)]).toEqual([0, 3]);
  expect([...rowsWithin(points, [])]).toEqual([]);
});
