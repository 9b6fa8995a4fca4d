import { descendingOrder } from './descendingOrder.js';
import type { ClassShape } from './terms.js';

/** A class after the first pass: what the estimate and the greedy need. Arrays are in the order of `rows`. */
export interface ClassOutlook extends ClassShape {
  k: number;
  /** V_k, ascending. */
  rows: Int32Array;
  attraction: Float64Array;
  cross: Float64Array;
  self: Float64Array;
  /** λ/n_k */
  redundancy: number;
  /** β·w̄_k */
  balance: number;
  /** m ≥ max(0, −min c) over the class. */
  similarityShift: number;
}

const STEPS = 65_536;

/**
 * A guess, on the low side, of the gain of the last of `budget` picks, so that a class can stop near it instead of
 * running to its end. Exactness never depends on it.
 *
 * c(i,j) = cross_i + cross_j − mean cross + a residual (see `similarityShift`). Without the residual the gain of the
 * pair at static rank s is a_e − λ/n_k·(self_e + s·(cross_e − mean) + Σ_{picked} cross_j) − β w̄_k(2s+1)/(2n_k).
 */
export function estimateThreshold(classes: ClassOutlook[], budget: number): number {
  const total = classes.reduce((sum, { rows }) => sum + rows.length, 0);
  if (budget >= total) return -Infinity;
  const estimates = new Float64Array(total);
  let filled = 0;
  for (const outlook of classes) {
    const end = filled + outlook.rows.length;
    estimateGains(outlook, estimates.subarray(filled, end));
    filled = end;
  }
  return belowLargest(estimates, budget);
}

/** A value that at least `count` of `values` reach: the lower edge of the step in which the count-th largest lies. */
function belowLargest(values: Float64Array, count: number): number {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const step = (high - low) / STEPS || 1;
  const held = new Int32Array(STEPS + 1);
  for (let i = 0; i < values.length; i++) held[Math.floor((high - values[i]!) / step)]!++;
  let reached = 0;
  let down = 0;
  while (reached < count) reached += held[down++]!;
  return high - down * step;
}

/** The running minimum of a class's gains, as far as the static terms tell. */
function estimateGains(outlook: ClassOutlook, estimates: Float64Array): void {
  const { attraction, cross, self, redundancy, balance } = outlook;
  const size = self.length;
  const order = descendingOrder(attraction);
  let mean = 0;
  for (const value of cross) mean += value / size;
  let picked = 0;
  let least = Infinity;
  for (let s = 0; s < size; s++) {
    const e = order[s]!;
    const similarity = self[e]! + s * (cross[e]! - mean) + picked;
    const gain = attraction[e]! - redundancy * similarity - (balance * (2 * s + 1)) / (2 * size);
    least = Math.min(least, gain);
    estimates[s] = least;
    picked += cross[e]!;
  }
}
