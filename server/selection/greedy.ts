import { addScaled } from './crossCovariance.js';
import type { PairBlock } from '../embeddings/pairBlock.js';
import { Heap } from './heap.js';

/** The greedy order of one class, best first; both arrays have the same length. */
export interface ClassOrder {
  /** Positions in the class's block. */
  picks: Int32Array;
  /** True marginal gains, in the order of the picks. */
  gains: Float64Array;
}

export interface GreedyOptions {
  /** a_e and self_e of the block's pairs. */
  attraction: Float64Array;
  self: Float64Array;
  /** n_k: how many pairs the class has, in the block or not. */
  classSize: number;
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
export function greedyOrder(block: PairBlock, options: GreedyOptions): ClassOrder {
  const { rows, dim, images, texts, imageScale, textScale } = block;
  const { attraction, self, redundancy } = options;
  const limit = Math.min(options.limit, rows);
  const picks = new Int32Array(limit);
  const gains = new Float64Array(limit);
  if (limit === 0) return { picks, gains };
  const shift = redundancy * options.similarityShift;
  // Y_k of method.md: what an image row meets, and what a text row meets.
  const pickedTexts = new Float64Array(dim);
  const pickedImages = new Float64Array(dim);

  /** a_e − (λ/n_k)(⟨[v_e;l_e], Y⟩ + self_e): the gain but for the class-wide balance term. */
  const gainOf = (e: number): number => {
    let image = 0;
    let text = 0;
    for (let j = 0, p = e * dim; j < dim; j++, p++) {
      image += images[p]! * pickedTexts[j]!;
      text += texts[p]! * pickedImages[j]!;
    }
    const similarity = imageScale[e]! * image + textScale[e]! * text;
    return attraction[e]! - redundancy * (similarity + self[e]!);
  };

  // Kept beside the heap's shifted keys, which lose a last bit: classes are merged by the gains themselves.
  const gainBefore = new Float64Array(rows);
  for (let e = 0; e < rows; e++) gainBefore[e] = attraction[e]! - redundancy * self[e]!;
  const heap = new Heap(gainBefore.slice());
  /** |S_k| at which the key of e was computed. */
  const freshAt = new Int32Array(rows);
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
    const gain = gainBefore[e]! - (options.balance * (2 * count + 1)) / (2 * options.classSize);
    least = Math.min(least, gain);
    if (!options.accept(least)) break;
    heap.pop();
    picks[count] = e;
    gains[count] = gain;
    count++;
    addScaled(pickedTexts, 0, texts, e * dim, textScale[e]!, dim);
    addScaled(pickedImages, 0, images, e * dim, imageScale[e]!, dim);
  }
  return { picks: picks.slice(0, count), gains: gains.slice(0, count) };
}
