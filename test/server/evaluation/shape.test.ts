import { expect, it } from 'vitest';
import { classShares, scoreShares } from '../../../server/evaluation/shape.js';

it('spreads scores over bins, what lies outside at the ends', () => {
  const shares = scoreShares(Float64Array.of(-5, -0.2, -0.19, 0.1, 0.59999, 7));
  expect(shares).toHaveLength(40);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  expect([shares[0], shares[15], shares[39]].map((share) => Math.round(share! * 6))).toEqual([3, 1, 2]);
});

it('gives the shares of the largest classes of all pairs, and of the others together', () => {
  const members = Array.from({ length: 40 }, (_, k) => new Int32Array(k === 7 ? 100 : 50 - k));
  const picked = new Int32Array(40);
  picked[7] = 6;
  picked[0] = 3;
  picked[39] = 1;
  const shares = classShares(picked, members);
  expect(shares).toHaveLength(31);
  expect(shares.slice(0, 2)).toEqual([0.6, 0.3]);
  expect(shares.at(-1)).toBeCloseTo(0.1, 12);
});
