import type { PairKernels } from '../kernels/pairKernels.js';
import type { Weights } from '../protocol/contract.js';
import { otherClassMeans, type ClassSums } from './crossCovariance.js';

/** The static terms of every pair of one class (method.md, "Objective"), in the order of its block. */
export interface PairTerms {
  /** (1/n_k) Σ_{i∈V_k} c(i,e): how well the pair stands for the cross-covariance of its class. */
  cross: Float64Array;
  /** ⟨v_e,l_e⟩, the CLIP score. */
  self: Float64Array;
  /** ⟨l_e,t_k⟩; 0 where the classes have no text embedding. */
  label: Float64Array;
  /** Mean over the other live classes of ⟨v_e, l̄_k'⟩ + ⟨l_e, v̄_k'⟩. */
  inter: Float64Array;
  /** a_e, the weighted sum. */
  attraction: Float64Array;
  /** 2 · max‖v_e − v̄_k‖ · max‖l_e − l̄_k‖, which bounds how far similarities leave what cross says. */
  spread: number;
}

/** What the terms of a class need of the other classes; made once for all of them. */
export interface TermContext {
  sums: ClassSums;
  /** Σ of the other classes' mean images and texts, [classes, dim]. */
  otherImages: Float64Array;
  otherTexts: Float64Array;
  liveClasses: number;
  /** Unit class embeddings t_k, [classes, dim], or null for classes without names. */
  classEmbeddings: Float64Array | null;
}

export function termContext(sums: ClassSums, classEmbeddings: Float64Array | null): TermContext {
  return {
    sums,
    otherImages: otherClassMeans(sums, 'images'),
    otherTexts: otherClassMeans(sums, 'texts'),
    liveClasses: sums.counts.reduce((live, count) => live + (count > 0 ? 1 : 0), 0),
    classEmbeddings,
  };
}

/** All terms of the given pairs of class `k`, in their order, in one pass over their rows. */
export function pairTerms(
  kernels: PairKernels,
  rows: Int32Array,
  k: number,
  context: TermContext,
  weights: Weights,
): PairTerms {
  const { dim, counts } = context.sums;
  const of = (matrix: Float64Array): Float64Array => matrix.subarray(k * dim, (k + 1) * dim);
  const imageSum = of(context.sums.images);
  const textSum = of(context.sums.texts);
  const size = counts[k]!;
  const others = context.liveClasses - 1;
  kernels.setClass({
    imageSum,
    textSum,
    otherImages: of(context.otherImages),
    otherTexts: of(context.otherTexts),
    text: context.classEmbeddings && of(context.classEmbeddings),
  });
  const terms = emptyTerms(rows.length);
  const found = { cross: 0, inter: 0, imageOwn: 0, textOwn: 0, self: 0, label: 0 };
  // The least ⟨v_e, Σv⟩ and ⟨l_e, Σl⟩: the pair farthest from its class mean.
  let leastImage = Infinity;
  let leastText = Infinity;
  for (let e = 0; e < rows.length; e++) {
    kernels.products(rows[e]!, found);
    const cross = found.cross / size;
    const inter = others > 0 ? found.inter / others : 0;
    terms.cross[e] = cross;
    terms.self[e] = found.self;
    terms.label[e] = found.label;
    terms.inter[e] = inter;
    terms.attraction[e] =
      weights.cross * cross + weights.self * found.self + weights.label * found.label - weights.inter * inter;
    leastImage = Math.min(leastImage, found.imageOwn);
    leastText = Math.min(leastText, found.textOwn);
  }
  terms.spread = 2 * radius(imageSum, leastImage, size) * radius(textSum, leastText, size);
  return terms;
}

/** max‖x_e − x̄‖ over unit rows, from their sum and the least inner product with it. */
function radius(sum: Float64Array, least: number, size: number): number {
  let square = 0;
  for (const x of sum) square += x * x;
  return Math.sqrt(Math.max(0, 1 - (2 * least) / size + square / (size * size)));
}

function emptyTerms(rows: number): PairTerms {
  const column = (): Float64Array => new Float64Array(rows);
  return {
    cross: column(),
    self: column(),
    label: column(),
    inter: column(),
    attraction: column(),
    spread: 0,
  };
}

/**
 * w̄_k, the class mean of cross + ½·label, with those weights whatever the run's are. From the class sums alone:
 * the mean of cross is (2/n_k²)⟨Σv,Σl⟩, that of label ⟨Σl,t_k⟩/n_k.
 */
export function balanceWeight(k: number, context: TermContext): number {
  const { sums, classEmbeddings } = context;
  const size = sums.counts[k]!;
  let cross = 0;
  let label = 0;
  for (let j = 0, p = k * sums.dim; j < sums.dim; j++, p++) {
    cross += sums.images[p]! * sums.texts[p]!;
    label += sums.texts[p]! * (classEmbeddings?.[p] ?? 0);
  }
  return size ? (2 * cross) / (size * size) + label / (2 * size) : 0;
}

/**
 * m ≥ max(0, −min c(i,j)) over the class, in O(n_k·d). With x_i = [v_i;l_i], m̄ their mean and J the swap of the
 * sides, c(i,j) = ⟨x_i,Jx_j⟩ = cross_i + cross_j − mean cross + ⟨x_i−m̄, J(x_j−m̄)⟩, whose last term is at least
 * −2·max‖v_i−v̄‖·max‖l_i−l̄‖. At most 2, since c(i,j) ≥ −2; the tighter it is, the fewer refreshes.
 */
export function similarityShift(terms: PairTerms): number {
  let least = Infinity;
  let mean = 0;
  for (const cross of terms.cross) {
    least = Math.min(least, cross);
    mean += cross / terms.cross.length;
  }
  // The margin keeps rounding from making the bound too tight.
  return Math.min(2, Math.max(0, terms.spread - 2 * least + mean)) + 1e-6;
}
