import type { ClassPairs } from './classPairs.js';
import { Heap } from './heap.js';

/** One class's share of the greedy. Arrays are in the order of `rows`. */
export interface ClassTask {
  /** V_k, ascending. */
  rows: Int32Array;
  attraction: Float64Array;
  cross: Float64Array;
  self: Float64Array;
  /** v̄_k and l̄_k, [dim]. */
  imageMean: Float64Array;
  textMean: Float64Array;
  /** max‖v_e − v̄_k‖ and max‖l_e − l̄_k‖ */
  imageRadius: number;
  textRadius: number;
  /** λ/n_k */
  redundancy: number;
  /** β·w̄_k */
  balance: number;
  /** m ≥ max(0, −min c) over the class. */
  similarityShift: number;
  /** Positions of the pairs that are picked before any other, in this order. */
  first: Int32Array;
  /** At most so many picks, those included. */
  limit: number;
  /** The class ends where its least gain falls below this, or below the B-th best of all classes so far. */
  threshold: number;
}

/** The greedy order of one class, best first behind those picked before; both arrays have the same length. */
export interface ClassOrder {
  /** Positions in `rows` of the task. */
  picks: Int32Array;
  /** True marginal gains, in the order of the picks. */
  gains: Float64Array;
}

/** Keeps the rounding of a bound from making it too tight. */
const MARGIN = 1e-9;

/**
 * Exact lazy greedy over the pairs of one class (Minoux; method.md, "What makes it fast", points 1 and 3).
 *
 * The marginal gain of e given S_k is a_e − (λ/n_k)(⟨[v_e;l_e], Y⟩ + ⟨v_e,l_e⟩) − βw̄_k(2|S_k|+1)/(2n_k) with
 * Y = [Σ l_j ; Σ v_j] over S_k: O(d), no similarity matrix. Similarities may be negative, so gains may rise; adding a
 * constant m ≥ −min c to every similarity of the class shifts all of its gains alike and makes them fall, so the
 * order found by the heap of shifted, possibly stale gains is the order of plain greedy. Ties go to the lowest
 * position.
 *
 * A stale gain is first lowered by what is known without looking at the pair: with δ = Σ_S x − |S|·x̄,
 * Σ_{j∈S} c(e,j) = |S|·cross_e + ⟨v_e,δ_l⟩ + ⟨l_e,δ_v⟩ ≥ |S|·cross_e + ⟨v̄,δ_l⟩ + ⟨l̄,δ_v⟩ − R_v‖δ_l‖ − R_l‖δ_v‖, R being
 * the radii of the class. Most pairs never come to the top after that, and are never read.
 *
 * `bound` is the B-th best gain of all classes so far; `check` is called every few hundred looks and throws to cancel.
 */
export function greedyOrder(
  pairs: ClassPairs,
  task: ClassTask,
  bound: () => number,
  check: () => void,
): ClassOrder {
  const { rows, attraction, cross, self, redundancy } = task;
  const size = rows.length;
  const limit = Math.min(task.limit, size);
  const picks = new Int32Array(limit);
  const gains = new Float64Array(limit);
  const shift = redundancy * task.similarityShift;
  pairs.begin(rows, task.imageMean, task.textMean);

  // Kept beside the heap's shifted keys, which lose a last bit: classes are merged by the gains themselves.
  const gainBefore = new Float64Array(size);
  for (let e = 0; e < size; e++) gainBefore[e] = attraction[e]! - redundancy * self[e]!;
  const keys = gainBefore.slice();
  for (const e of task.first) keys[e] = -Infinity;
  const heap = new Heap(keys);
  /** |S_k| at which the gain of e was computed, and for which its key was lowered. */
  const freshAt = new Int32Array(size);
  const loweredAt = new Int32Array(size);
  let atLeast = 0;
  let least = Infinity;
  let looks = 0;
  let count = 0;
  const pick = (e: number, gain: number): void => {
    picks[count] = e;
    gains[count] = gain;
    count++;
    pairs.pick(e);
    const drift = pairs.drift();
    atLeast = drift.offset - task.imageRadius * drift.text - task.textRadius * drift.image;
  };
  const balance = (): number => (task.balance * (2 * count + 1)) / (2 * size);
  for (const e of task.first.subarray(0, limit))
    pick(e, attraction[e]! - redundancy * (pairs.similarityToPicks(e) + self[e]!) - balance());
  while (count < limit) {
    const e = heap.top();
    if (freshAt[e] !== count) {
      if (++looks % 512 === 0) check();
      if (loweredAt[e] !== count) {
        loweredAt[e] = count;
        const similarity = count * cross[e]! + atLeast + self[e]!;
        const key = attraction[e]! - redundancy * similarity - shift * count + MARGIN;
        if (key < keys[e]!) {
          heap.changeTop(key);
          continue;
        }
      }
      gainBefore[e] = attraction[e]! - redundancy * (pairs.similarityToPicks(e) + self[e]!);
      // Keys are gains shifted by −(λ/n_k)·m·|S_k|, comparable whenever they were computed.
      heap.changeTop(gainBefore[e]! - shift * count);
      freshAt[e] = count;
      continue;
    }
    const gain = gainBefore[e]! - balance();
    least = Math.min(least, gain);
    if (least < task.threshold || least < bound()) break;
    heap.pop();
    pick(e, gain);
  }
  return { picks: picks.slice(0, count), gains: gains.slice(0, count) };
}
