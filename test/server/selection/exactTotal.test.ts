import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addTo, joined, noTotal } from '../../../server/selection/exactTotal.js';
import { numbers } from './samples.js';

const term = fc.double({ min: -30, max: 30, noNaN: true });

it('is the sum to within 2⁻⁴⁷ a number, and the same bits however the numbers are shared out and ordered', () => {
  fc.assert(
    fc.property(fc.array(term, { maxLength: 200 }), fc.integer({ min: 1, max: 7 }), (values, parts) => {
      const whole = noTotal();
      for (const value of values) addTo(whole, value);
      const shared = Array.from({ length: parts }, noTotal);
      values.toReversed().forEach((value, i) => addTo(shared[i % parts]!, value));
      expect(joined(shared)).toBe(joined([whole]));
      const plain = values.reduce((sum, value) => sum + value, 0);
      expect(Math.abs(joined([whole]) - plain)).toBeLessThanOrEqual((values.length + 1) * 2 ** -44);
    }),
    { seed: 3 },
  );
});

it('is the same bits in any order where the sum is far beyond what its last digits can hold in one float64', () => {
  const next = numbers(6);
  const values = Array.from({ length: 20_000 }, () => 16 + 15 * next() + 2 ** -30 * next());
  const [forwards, backwards] = [noTotal(), noTotal()];
  for (const value of values) addTo(forwards, value);
  for (const value of values.toReversed()) addTo(backwards, value);
  expect(backwards).toEqual(forwards);
});
