import type { PairKernels } from '../kernels/pairKernels.js';
import { Heap } from './heap.js';

/** The greedy order of one class, best first; both arrays have the same length. */
export interface ClassOrder {
  /** Positions in the class. */
  picks: Int32Array;
  /** True marginal gains, in the order of the picks. */
  gains: Float64Array;
}

export interface GreedyOptions {
  /** Rows of the class's pairs, with their a_e and self_e. */
  rows: Int32Array;
  attraction: Float64Array;
  self: Float64Array;
  /** λ/n_k */
  redundancy: number;
  /** β·w̄_k */
  balance: number;
  /** m ≥ max(0, −min c) over the class. */
  similarityShift: number;
  /** At most so many picks. */
  limit: number;
  /** Asked with the least gain up to and with the next pick; the class ends where it says no. */
  accept: (leastGain: number) => boolean;
  /** Called every few hundred refreshes; throws to cancel. */
  check: () => void;
}

/**
 * Exact lazy greedy over the pairs of one class (Minoux; method.md, "What makes it fast", points 1 and 3).
 *
 * The marginal gain of e given S_k is a_e − (λ/n_k)(⟨[v_e;l_e], Y⟩ + ⟨v_e,l_e⟩) − βw̄_k(2|S_k|+1)/(2n_k) with
 * Y = [Σ l_j ; Σ v_j] over S_k: O(d), no similarity matrix. Similarities may be negative, so gains may rise; adding a
 * constant m ≥ −min c to every similarity of the class shifts all of its gains alike and makes them fall, so the
 * order found by the heap of shifted, possibly stale gains is the order of plain greedy. Ties go to the lowest
 * position.
 */
export function greedyOrder(kernels: PairKernels, options: GreedyOptions): ClassOrder {
  const { rows, attraction, self, redundancy } = options;
  const size = rows.length;
  const limit = Math.min(options.limit, size);
  const picks = new Int32Array(limit);
  const gains = new Float64Array(limit);
  if (limit === 0) return { picks, gains };
  const shift = redundancy * options.similarityShift;
  kernels.clearSums();

  /** a_e − (λ/n_k)(⟨[v_e;l_e], Y⟩ + self_e): the gain but for the class-wide balance term. */
  const gainOf = (e: number): number =>
    attraction[e]! - redundancy * (kernels.similarityToSums(rows[e]!) + self[e]!);

  // Kept beside the heap's shifted keys, which lose a last bit: classes are merged by the gains themselves.
  const gainBefore = new Float64Array(size);
  for (let e = 0; e < size; e++) gainBefore[e] = attraction[e]! - redundancy * self[e]!;
  const heap = new Heap(gainBefore.slice());
  /** |S_k| at which the key of e was computed. */
  const freshAt = new Int32Array(size);
  let least = Infinity;
  let refreshes = 0;
  let count = 0;
  while (count < limit) {
    const e = heap.top();
    if (freshAt[e] !== count) {
      // Keys are gains shifted by −(λ/n_k)·m·|S_k|, comparable whenever they were computed.
      gainBefore[e] = gainOf(e);
      heap.changeTop(gainBefore[e]! - shift * count);
      freshAt[e] = count;
      if (++refreshes % 1024 === 0) options.check();
      continue;
    }
    const gain = gainBefore[e]! - (options.balance * (2 * count + 1)) / (2 * size);
    least = Math.min(least, gain);
    if (!options.accept(least)) break;
    heap.pop();
    picks[count] = e;
    gains[count] = gain;
    count++;
    kernels.addToSums(rows[e]!);
  }
  return { picks: picks.slice(0, count), gains: gains.slice(0, count) };
}
