/** Parts of a sum of float64 numbers: multiples of 2⁻²⁰, and what they leave in multiples of 2⁻⁴⁶. */
export interface ExactTotal {
  coarse: number;
  fine: number;
}

const COARSE = 2 ** 20;
const FINE = 2 ** 46;

export const noTotal = (): ExactTotal => ({ coarse: 0, fine: 0 });

/**
 * Adds a number to within 2⁻⁴⁷. Both parts are whole multiples that a float64 holds exactly, up to 2²⁸ numbers below 2⁵, so
 * that neither the order of the numbers matters nor how they were shared out among threads.
 */
export function addTo(total: ExactTotal, value: number): void {
  const coarse = Math.round(value * COARSE) / COARSE;
  total.coarse += coarse;
  total.fine += Math.round((value - coarse) * FINE) / FINE;
}

/** The sum of parts that were added up apart. */
export function joined(totals: readonly ExactTotal[]): number {
  let [coarse, fine] = [0, 0];
  for (const total of totals) {
    coarse += total.coarse;
    fine += total.fine;
  }
  return coarse + fine;
}
