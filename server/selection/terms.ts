import type { PairBlock } from '../embeddings/pairBlock.js';
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

/** All terms of the pairs of class `k` in one pass over its rows. */
export function pairTerms(block: PairBlock, k: number, context: TermContext, weights: Weights): PairTerms {
  const { dim, rows } = block;
  const { sums, classEmbeddings } = context;
  const at = k * dim;
  const imageSum = sums.images.subarray(at, at + dim);
  const textSum = sums.texts.subarray(at, at + dim);
  const otherImages = context.otherImages.subarray(at, at + dim);
  const otherTexts = context.otherTexts.subarray(at, at + dim);
  const classText = classEmbeddings?.subarray(at, at + dim) ?? new Float64Array(dim);
  const size = sums.counts[k]!;
  const others = context.liveClasses - 1;
  const terms = emptyTerms(rows);
  // The least ⟨v_e, Σv⟩ and ⟨l_e, Σl⟩: the pair farthest from its class mean.
  let leastImage = Infinity;
  let leastText = Infinity;
  for (let e = 0; e < rows; e++) {
    let imageCross = 0;
    let textCross = 0;
    let imageInter = 0;
    let textInter = 0;
    let imageOwn = 0;
    let textOwn = 0;
    let self = 0;
    let label = 0;
    for (let j = 0, p = e * dim; j < dim; j++, p++) {
      const v = block.images[p]!;
      const l = block.texts[p]!;
      imageCross += v * textSum[j]!;
      textCross += l * imageSum[j]!;
      imageInter += v * otherTexts[j]!;
      textInter += l * otherImages[j]!;
      imageOwn += v * imageSum[j]!;
      textOwn += l * textSum[j]!;
      self += v * l;
      label += l * classText[j]!;
    }
    const v = block.imageScale[e]!;
    const l = block.textScale[e]!;
    const cross = (v * imageCross + l * textCross) / size;
    const inter = others > 0 ? (v * imageInter + l * textInter) / others : 0;
    terms.cross[e] = cross;
    terms.self[e] = v * l * self;
    terms.label[e] = l * label;
    terms.inter[e] = inter;
    terms.attraction[e] =
      weights.cross * cross +
      weights.self * terms.self[e]! +
      weights.label * terms.label[e]! -
      weights.inter * inter;
    leastImage = Math.min(leastImage, v * imageOwn);
    leastText = Math.min(leastText, l * textOwn);
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
  return { cross: column(), self: column(), label: column(), inter: column(), attraction: column(), spread: 0 };
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
