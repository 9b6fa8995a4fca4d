import { addScaled } from './crossCovariance.js';
import type { PairBlock } from '../embeddings/pairBlock.js';
import { Heap } from './heap.js';
import type { PairTerms } from './terms.js';

/** The greedy order of one class, best first; both arrays have the same length. */
export interface ClassOrder {
  /** Positions in the class's block. */
  picks: Int32Array;
  /** True marginal gains, in the order of the picks. */
  gains: Float64Array;
}

export interface GreedyOptions {
  /** λ ≥ 0 */
  redundancy: number;
  /** β·w̄_k */
  balance: number;
  /** At most so many picks. */
  limit: number;
  /** Asked with the least gain up to and with the next pick; the class ends where it says no. */
  accept: (leastGain: number) => boolean;
  /** Called every few hundred refreshes; throws to cancel. */
  check: () => void;
}

/**
 * Exact lazy greedy inside one class (Minoux; method.md, "What makes it fast", points 1 and 3).
 *
 * The marginal gain of e given S_k is a_e − (λ/n_k)(⟨[v_e;l_e], Y⟩ + ⟨v_e,l_e⟩) − βw̄_k(2|S_k|+1)/(2n_k) with
 * Y = [Σ l_j ; Σ v_j] over S_k: O(d), no similarity matrix. Similarities may be negative, so gains may rise; adding a
 * constant m ≥ −min c to every similarity of the class shifts all of its gains alike and makes them fall, so the
 * order found by the heap of shifted, possibly stale gains is the order of plain greedy. Ties go to the lowest
 * position.
 */
export function greedyOrder(block: PairBlock, terms: PairTerms, options: GreedyOptions): ClassOrder {
  const { rows, dim, images, texts, imageScale, textScale } = block;
  const limit = Math.min(options.limit, rows);
  const picks = new Int32Array(limit);
  const gains = new Float64Array(limit);
  if (limit === 0) return { picks, gains };
  const redundancy = options.redundancy / rows;
  const shift = redundancy * similarityShift(terms);
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
    return terms.attraction[e]! - redundancy * (similarity + terms.self[e]!);
  };

  // Kept beside the heap's shifted keys, which lose a last bit: classes are merged by the gains themselves.
  const gainBefore = new Float64Array(rows);
  for (let e = 0; e < rows; e++) gainBefore[e] = terms.attraction[e]! - redundancy * terms.self[e]!;
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
    const gain = gainBefore[e]! - (options.balance * (2 * count + 1)) / (2 * rows);
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

/**
 * m ≥ max(0, −min c(i,j)) over the class, in O(n_k·d). With x_i = [v_i;l_i], m̄ their mean and J the swap of the
 * sides, c(i,j) = ⟨x_i,Jx_j⟩ = cross_i + cross_j − mean cross + ⟨x_i−m̄, J(x_j−m̄)⟩, whose last term is at least
 * −2·max‖v_i−v̄‖·max‖l_i−l̄‖. At most 2, since c(i,j) ≥ −2; the tighter it is, the fewer refreshes.
 */
function similarityShift(terms: PairTerms): number {
  let least = Infinity;
  let mean = 0;
  for (const cross of terms.cross) {
    least = Math.min(least, cross);
    mean += cross / terms.cross.length;
  }
  // The margin keeps rounding from making the bound too tight.
  return Math.min(2, Math.max(0, terms.spread - 2 * least + mean)) + 1e-6;
}
