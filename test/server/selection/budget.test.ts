import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClipcovError } from '../../../server/errors.js';
import { budgetOf, budgetsOf } from '../../../server/selection/budget.js';

function refusal(budget: string, pairs: number): string {
  try {
    budgetOf(budget, pairs);
  } catch (error) {
    expect(error).toBeInstanceOf(ClipcovError);
    expect((error as ClipcovError).code).toBe('budget-invalid');
    expect((error as ClipcovError).fix).toBeTruthy();
    return (error as ClipcovError).message;
  }
  throw new Error(`'${budget}' of ${pairs} was taken`);
}

describe('budgetOf', () => {
  it('is the floor of a share, or the number of pairs', () => {
    const cases: [string, number, number][] = [
      ['10%', 70, 7],
      ['10%', 79, 7],
      ['100%', 13, 13],
      ['33%', 100, 33],
      ['0.5%', 200, 1],
      ['12.5 %', 80, 10],
      [' 20% ', 10, 2],
      ['5', 5, 5],
      [' 1 ', 5, 1],
      ['5.0', 7, 5],
    ];
    for (const [budget, pairs, expected] of cases)
      expect(budgetOf(budget, pairs), `${budget} of ${pairs}`).toBe(expected);
  });

  it('is exact for whole percentages of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 40 }), (share, pairs) => {
        const exact = (BigInt(share) * BigInt(pairs)) / 100n;
        if (exact === 0n) expect(refusal(`${share}%`, pairs)).toMatch(/less than one/);
        else expect(budgetOf(`${share}%`, pairs)).toBe(Number(exact));
      }),
      { numRuns: 500 },
    );
  });

  // 0.57 % of 10,000 pairs are 57; in doubles 0.57 · 10,000 is 5,699.999….
  it('is exact for decimal percentages', () => {
    const wrong = Array.from({ length: 999 }, (_, i) => (i + 1) / 100).filter(
      (share) => budgetOf(`${share}%`, 10_000) !== Math.round(share * 100),
    );
    expect(wrong).toEqual([]);
  });

  it('refuses what is no budget, and says why', () => {
    const cases: [string, number, RegExp][] = [
      ['', 10, /neither/],
      ['many', 10, /neither/],
      ['-5', 10, /neither/],
      ['1e3', 10_000, /neither/],
      ['10%%', 10, /neither/],
      ['.5%', 10, /neither/],
      ['NaN', 10, /neither/],
      ['0%', 10, /not above 0 %/],
      ['0.0%', 10, /not above 0 %/],
      ['100.1%', 10, /at most 100 %/],
      ['9%', 11, /less than one of 11/],
      ['50%', 0, /less than one of 0/],
      ['0', 10, /whole number above 0/],
      ['2.5', 10, /whole number above 0/],
      ['11', 10, /more than the 10 valid pairs/],
      ['99999999999999999999999', 10, /more than the 10 valid pairs/],
    ];
    for (const [budget, pairs, reason] of cases) expect(refusal(budget, pairs), budget).toMatch(reason);
  });
});

it('several budgets come the smallest first, each as it was written', () => {
  expect(budgetsOf('50%, 3 ,10%', 40)).toEqual([
    { text: '3', pairs: 3 },
    { text: '10%', pairs: 4 },
    { text: '50%', pairs: 20 },
  ]);
  expect(budgetsOf('7', 7)).toEqual([{ text: '7', pairs: 7 }]);
  expect(() => budgetsOf('10%,', 40)).toThrow(/neither/);
});
