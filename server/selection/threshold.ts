import type { PairTerms } from './terms.js';

/** A class after the first pass: what the estimate and the greedy need. */
export interface ClassOutlook {
  rows: Int32Array;
  terms: PairTerms;
  /** λ/n_k */
  redundancy: number;
  /** β·w̄_k */
  balance: number;
}

/**
 * A guess, on the low side, of the gain of the last of `budget` picks, so that a class can stop near it instead of
 * running to its end. Exactness never depends on it.
 *
 * c(i,j) = cross_i + cross_j − mean cross + a residual (see `similarityShift`). Without the residual the gain of the
 * pair at static rank s is a_e − λ/n_k·(self_e + s·(cross_e − mean) + Σ_{picked} cross_j) − β w̄_k(2s+1)/(2n_k).
 */
export function estimateThreshold(classes: ClassOutlook[], budget: number): number {
  const total = classes.reduce((sum, { terms }) => sum + terms.self.length, 0);
  if (budget >= total) return -Infinity;
  const estimates = new Float64Array(total);
  let filled = 0;
  for (const { terms, redundancy, balance } of classes) {
    const { attraction, cross, self } = terms;
    const size = self.length;
    const order = Int32Array.from(self, (_, e) => e).sort((a, b) => attraction[b]! - attraction[a]!);
    const mean = cross.reduce((sum, value) => sum + value, 0) / size;
    let picked = 0;
    let least = Infinity;
    order.forEach((e, s) => {
      const similarity = self[e]! + s * (cross[e]! - mean) + picked;
      const gain = attraction[e]! - redundancy * similarity - (balance * (2 * s + 1)) / (2 * size);
      least = Math.min(least, gain);
      estimates[filled++] = least;
      picked += cross[e]!;
    });
  }
  estimates.sort();
  return estimates[total - budget]!;
}
