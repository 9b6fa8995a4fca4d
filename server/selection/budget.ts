import { ClipcovError } from '../errors.js';

/**
 * How many pairs a budget is: `10%` means floor(10 % of the valid pairs), a plain number that many pairs.
 * Refuses what is not positive, not a number, or more than there is.
 */
export function budgetOf(budget: string, validPairs: number): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(budget);
  const refuse = (why: string): never => {
    throw new ClipcovError('budget-invalid', `The budget '${budget}' ${why}.`, {
      fix: 'Give a share such as 10%, or a number of pairs such as 5000.',
    });
  };
  if (!match) return refuse('is neither a share nor a number of pairs');
  const value = Number(match[1]);
  if (match[2] === '%') {
    if (value <= 0 || value > 100) return refuse('is not above 0 % and at most 100 %');
    // In whole digits: 0.57 % of 10,000 must be 57, which 0.57 in binary is not.
    const [whole = '', fraction = ''] = match[1]!.split('.');
    const pairs = Number(
      (BigInt(whole + fraction) * BigInt(validPairs)) / 10n ** BigInt(2 + fraction.length),
    );
    return pairs > 0 ? pairs : refuse(`is less than one of ${validPairs} valid pairs`);
  }
  if (!Number.isInteger(value) || value === 0) return refuse('is not a whole number above 0');
  if (value > validPairs) return refuse(`is more than the ${validPairs} valid pairs`);
  return value;
}

/** One or more budgets, `5%,10%,20%`, the smallest first; subsets of one order. */
export function budgetsOf(budgets: string, validPairs: number): { text: string; pairs: number }[] {
  return budgets
    .split(',')
    .map((text) => ({ text: text.trim(), pairs: budgetOf(text, validPairs) }))
    .sort((a, b) => a.pairs - b.pairs);
}
