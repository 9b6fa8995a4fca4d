import { RowGatherer, type EmbeddingTable, type PairBlock } from '../embeddings/pairBlock.js';
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

/** Rows widened at a time: both sides at d = 512 stay in a core's cache while their terms are computed. */
const CHUNK_ROWS = 256;

/** All terms of the given pairs of class `k`, in their order, in one pass over their rows. */
export function pairTerms(
  table: EmbeddingTable,
  rows: Int32Array,
  k: number,
  context: TermContext,
  weights: Weights,
): PairTerms {
  const { dim, counts } = context.sums;
  const of = (matrix: Float64Array): Float64Array => matrix.subarray(k * dim, (k + 1) * dim);
  const class_: ClassVectors = {
    imageSum: of(context.sums.images),
    textSum: of(context.sums.texts),
    otherImages: of(context.otherImages),
    otherTexts: of(context.otherTexts),
    text: context.classEmbeddings ? of(context.classEmbeddings) : new Float64Array(dim),
    size: counts[k]!,
    others: context.liveClasses - 1,
  };
  const terms = emptyTerms(rows.length);
  const least = { image: Infinity, text: Infinity };
  const gatherer = new RowGatherer(table);
  for (let first = 0; first < rows.length; first += CHUNK_ROWS)
    blockTerms(
      gatherer.gather(rows.subarray(first, first + CHUNK_ROWS)),
      class_,
      weights,
      terms,
      first,
      least,
    );
  terms.spread =
    2 * radius(class_.imageSum, least.image, class_.size) * radius(class_.textSum, least.text, class_.size);
  return terms;
}

/** The vectors of a class that its pairs meet, each [dim]. */
interface ClassVectors {
  imageSum: Float64Array;
  textSum: Float64Array;
  otherImages: Float64Array;
  otherTexts: Float64Array;
  text: Float64Array;
  /** n_k */
  size: number;
  /** How many other classes live. */
  others: number;
}

/** The terms of a block's pairs, written from position `first` on; keeps the pair farthest from its class mean. */
function blockTerms(
  block: PairBlock,
  class_: ClassVectors,
  weights: Weights,
  terms: PairTerms,
  first: number,
  least: { image: number; text: number },
): void {
  const { dim, rows, images, texts } = block;
  const { imageSum, textSum, otherImages, otherTexts, text, size, others } = class_;
  for (let i = 0, e = first; i < rows; i++, e++) {
    let imageCross = 0;
    let textCross = 0;
    let imageInter = 0;
    let textInter = 0;
    let imageOwn = 0;
    let textOwn = 0;
    let self = 0;
    let label = 0;
    for (let j = 0, p = i * dim; j < dim; j++, p++) {
      const v = images[p]!;
      const l = texts[p]!;
      imageCross += v * textSum[j]!;
      textCross += l * imageSum[j]!;
      imageInter += v * otherTexts[j]!;
      textInter += l * otherImages[j]!;
      imageOwn += v * imageSum[j]!;
      textOwn += l * textSum[j]!;
      self += v * l;
      label += l * text[j]!;
    }
    const v = block.imageScale[i]!;
    const l = block.textScale[i]!;
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
    least.image = Math.min(least.image, v * imageOwn);
    least.text = Math.min(least.text, l * textOwn);
  }
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
