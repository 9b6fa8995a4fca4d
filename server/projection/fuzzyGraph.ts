import type { Nearest } from './nearest.js';

/** Pairs of points that belong together, each once in each direction, and how much, in (0, 1]. */
export interface FuzzyGraph {
  heads: Int32Array;
  tails: Int32Array;
  weights: Float64Array;
}

const SEARCHES = 64;
/** A bandwidth is never below this share of the mean distance: points that lie on each other would have none. */
const LEAST_BANDWIDTH = 1e-3;

/**
 * UMAP's graph (McInnes, Healy and Melville, 2018): each point is tied to its k nearest by exp(−(d − ρ)/σ), where ρ is the
 * distance of the nearest and σ makes the ties add up to log₂ k; a tie that one end alone sees is united as a ∪ b.
 */
export function fuzzyGraph({ indices, distances }: Nearest, k: number): FuzzyGraph {
  const points = indices.length / k;
  const ties = new Map<number, number>();
  for (let i = 0; i < points; i++) {
    const own = distances.subarray(i * k, (i + 1) * k);
    const nearest = own.find((distance) => distance > 0) ?? 0;
    // Without the point itself, which comes first.
    const width = bandwidth(own.subarray(1), nearest, Math.log2(k));
    for (let p = 0; p < k; p++) {
      const j = indices[i * k + p]!;
      if (j < 0 || j === i) continue;
      ties.set(i * points + j, Math.exp(-Math.max(0, own[p]! - nearest) / width));
    }
  }
  const heads: number[] = [];
  const tails: number[] = [];
  const weights: number[] = [];
  for (const [key, there] of ties) {
    const [i, j] = [Math.floor(key / points), key % points];
    const back = ties.get(j * points + i);
    // Of two that see each other, the smaller writes both directions.
    if (back !== undefined && j < i) continue;
    const weight = there + (back ?? 0) - there * (back ?? 0);
    heads.push(i, j);
    tails.push(j, i);
    weights.push(weight, weight);
  }
  return {
    heads: Int32Array.from(heads),
    tails: Int32Array.from(tails),
    weights: Float64Array.from(weights),
  };
}

/** σ by bisection. */
function bandwidth(distances: Float64Array, nearest: number, sum: number): number {
  let mean = 0;
  for (const distance of distances) mean += distance / distances.length;
  let [low, high, width] = [0, Infinity, 1];
  for (let search = 0; search < SEARCHES; search++) {
    let reached = 0;
    for (const distance of distances) reached += Math.exp(-Math.max(0, distance - nearest) / width);
    if (Math.abs(reached - sum) < 1e-5) break;
    if (reached > sum) high = width;
    else low = width;
    width = high === Infinity ? width * 2 : (low + high) / 2;
  }
  return Math.max(width, LEAST_BANDWIDTH * mean, Number.MIN_VALUE);
}
