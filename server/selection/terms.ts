import type { PairRows } from '../kernels/pairRows.js';
import type { Weights } from '../protocol/selection.js';
import { otherClassMeans, type ClassSums } from './crossCovariance.js';

/** The static terms of a pair (method.md, "Objective"). */
export interface PairTerms {
  /** (1/n_k) Σ_{i∈V_k} c(i,e): how well the pair stands for the cross-covariance of its class. */
  cross: number;
  /** ⟨v_e,l_e⟩, the CLIP score. */
  self: number;
  /** ⟨l_e,t_k⟩; 0 where the classes have no text embedding. */
  label: number;
  /** Mean over the other live classes of ⟨v_e, l̄_k'⟩ + ⟨l_e, v̄_k'⟩. */
  inter: number;
  /** a_e, the weighted sum. */
  attraction: number;
  /** ⟨v_e, Σv⟩ and ⟨l_e, Σl⟩ over the class: how far the pair is from its mean. */
  imageOwn: number;
  textOwn: number;
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

/** Visits the loaded pairs at `positions`, which are of class `k`, with their terms; these are valid until the next. */
export function eachPairTerms(
  pairs: PairRows,
  positions: Int32Array,
  k: number,
  context: TermContext,
  weights: Weights,
  visit: (position: number, terms: PairTerms) => void,
): void {
  const { dim, counts } = context.sums;
  const of = (matrix: Float64Array): Float64Array => matrix.subarray(k * dim, (k + 1) * dim);
  const size = counts[k]!;
  const others = Math.max(1, context.liveClasses - 1);
  pairs.setClass({
    imageSum: of(context.sums.images),
    textSum: of(context.sums.texts),
    otherImages: of(context.otherImages),
    otherTexts: of(context.otherTexts),
    text: context.classEmbeddings && of(context.classEmbeddings),
  });
  const terms = { cross: 0, inter: 0, imageOwn: 0, textOwn: 0, self: 0, label: 0, attraction: 0 };
  for (let e = 0; e < positions.length; e++) {
    pairs.products(positions[e]!, terms);
    terms.cross /= size;
    // 0 where there is no other class: their means add up to nothing.
    terms.inter /= others;
    terms.attraction =
      weights.cross * terms.cross +
      weights.self * terms.self +
      weights.label * terms.label -
      weights.inter * terms.inter;
    visit(positions[e]!, terms);
  }
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

/** What the pairs of a class have in common. */
export interface ClassShape {
  /** v̄_k and l̄_k, [dim]. */
  imageMean: Float64Array;
  textMean: Float64Array;
  /** max‖v_e − v̄_k‖ and max‖l_e − l̄_k‖ */
  imageRadius: number;
  textRadius: number;
}

/** The shape of class `k`, from its sums and the least ⟨v_e, Σv⟩ and ⟨l_e, Σl⟩ of its pairs. */
export function classShape(
  k: number,
  { sums }: TermContext,
  least: { image: number; text: number },
): ClassShape {
  const size = sums.counts[k]!;
  const mean = (matrix: Float64Array): Float64Array => {
    const row = matrix.slice(k * sums.dim, (k + 1) * sums.dim);
    for (let j = 0; j < row.length; j++) row[j]! /= size;
    return row;
  };
  const imageMean = mean(sums.images);
  const textMean = mean(sums.texts);
  return {
    imageMean,
    textMean,
    imageRadius: radius(imageMean, least.image / size),
    textRadius: radius(textMean, least.text / size),
  };
}

/** max‖x_e − x̄‖ over unit rows, from their mean and the least inner product with it. */
function radius(mean: Float64Array, least: number): number {
  let square = 0;
  for (const x of mean) square += x * x;
  return Math.sqrt(Math.max(0, 1 - 2 * least + square)) + 1e-9;
}

/**
 * m ≥ max(0, −min c(i,j)) over a class with the given cross terms, in O(n_k). With x_i = [v_i;l_i], x̄ their mean and J
 * the swap of the sides, c(i,j) = ⟨x_i,Jx_j⟩ = cross_i + cross_j − mean cross + ⟨x_i−x̄, J(x_j−x̄)⟩, whose last term is at
 * least −2·max‖v_i−v̄‖·max‖l_i−l̄‖. At most 2, since c(i,j) ≥ −2; the tighter it is, the fewer looks.
 */
export function similarityShift(cross: Float64Array, shape: ClassShape): number {
  let lowest = Infinity;
  let mean = 0;
  for (const value of cross) {
    lowest = Math.min(lowest, value);
    mean += value / cross.length;
  }
  const spread = 2 * shape.imageRadius * shape.textRadius;
  // The margin keeps rounding from making the bound too tight.
  return Math.min(2, Math.max(0, spread - 2 * lowest + mean)) + 1e-6;
}
