import { gatherRows, type EmbeddingTable, type PairBlock } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';

/** First and second moments of the unit rows of a set of pairs. */
export interface Moments {
  rows: number;
  /** μ_v and μ_l */
  imageMean: Float64Array;
  textMean: Float64Array;
  /** C: the mean of (v − μ_v)(l − μ_l)ᵀ, [dim, dim]. */
  crossCovariance: Float64Array;
}

/** What rows are shifted by before they are multiplied, [dim] each. */
export interface Origin {
  image: Float64Array;
  text: Float64Array;
}

/** Moments about the means of a class that become moments about the origin. */
export interface AboutClass {
  /** How many pairs. */
  count: number;
  /** Σ of them minus the class means, [dim]. */
  images: Float64Array;
  texts: Float64Array;
  /** The class means minus the origin, [dim]. */
  imageMean: Float64Array;
  textMean: Float64Array;
}

/** Rows of a product in float32: more of them would lose digits in its sums. */
const CHUNK_ROWS = 2048;

/**
 * Sums over unit rows minus an origin near their mean, so that the large common part of CLIP embeddings does not cancel
 * out of the covariance with its digits. Sums of disjoint sets add up, and those of a subset can be taken away.
 */
export class MomentSums {
  rows = 0;
  private readonly image: Float64Array;
  private readonly text: Float64Array;
  private readonly second: Float64Array;

  constructor(
    private readonly dim: number,
    private readonly origin: Origin,
  ) {
    this.image = new Float64Array(dim);
    this.text = new Float64Array(dim);
    this.second = new Float64Array(dim * dim);
  }

  /** Adds `rows` rows by their Σ (v − o)(l − o)ᵀ, Σ (v − o) and Σ (l − o), one behind the other. */
  addSums(values: Float64Array, rows: number): void {
    const { dim, second, image, text } = this;
    this.rows += rows;
    accumulate(second, values.subarray(0, dim * dim));
    accumulate(image, values.subarray(dim * dim, dim * (dim + 1)));
    accumulate(text, values.subarray(dim * (dim + 1)));
  }

  /** Adds rows that are shifted already, [rows, dim] each. */
  async add(images: Float32Array, texts: Float32Array, products: Products): Promise<void> {
    const step = CHUNK_ROWS * this.dim;
    for (let at = 0; at < images.length; at += step) {
      const [left, right] = [images.subarray(at, at + step), texts.subarray(at, at + step)];
      accumulateRows(this.image, left);
      accumulateRows(this.text, right);
      const product = await products.outer(left, right);
      for (let i = 0; i < product.length; i++) this.second[i]! += product[i]!;
      this.rows += left.length / this.dim;
    }
  }

  /** Adds other sums of the same origin, or takes them away where `sign` is −1. */
  include(other: MomentSums, sign: 1 | -1 = 1): this {
    this.rows += sign * other.rows;
    for (let j = 0; j < this.dim; j++) {
      this.image[j]! += sign * other.image[j]!;
      this.text[j]! += sign * other.text[j]!;
    }
    for (let i = 0; i < this.second.length; i++) this.second[i]! += sign * other.second[i]!;
    return this;
  }

  moments(): Moments {
    const { dim, image, text, second, origin } = this;
    const count = Math.max(1, this.rows);
    const crossCovariance = new Float64Array(dim * dim);
    for (let i = 0, at = 0; i < dim; i++) {
      const mean = image[i]! / count;
      for (let j = 0; j < dim; j++, at++)
        crossCovariance[at] = second[at]! / count - mean * (text[j]! / count);
    }
    const back = (shifted: Float64Array, by: Float64Array): Float64Array =>
      shifted.map((x, j) => x / count + by[j]!);
    return {
      rows: this.rows,
      imageMean: back(image, origin.image),
      textMean: back(text, origin.text),
      crossCovariance,
    };
  }
}

/** The sums of the given rows of a table. */
export async function sumMoments(
  table: EmbeddingTable,
  rows: Int32Array,
  origin: Origin,
  products: Products,
  checkpoint: () => Promise<void>,
): Promise<MomentSums> {
  const sums = new MomentSums(table.dim, origin);
  for (let first = 0; first < rows.length; first += CHUNK_ROWS) {
    await checkpoint();
    const block = shifted(gatherRows(table, rows.subarray(first, first + CHUNK_ROWS)), origin);
    await sums.add(block.images, block.texts, products);
  }
  return sums;
}

/** Turns the rows of a block into unit rows minus the origin, in place. */
export function shifted(block: PairBlock, origin: Origin): PairBlock {
  const { dim } = block;
  for (let i = 0; i < block.rows; i++) {
    for (let j = 0, p = i * dim; j < dim; j++, p++) {
      block.images[p] = block.images[p]! * block.imageScale[i]! - origin.image[j]!;
      block.texts[p] = block.texts[p]! * block.textScale[i]! - origin.text[j]!;
    }
  }
  return block;
}

function accumulate(sum: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}

function accumulateRows(sum: Float64Array, rows: Float32Array): void {
  for (let at = 0; at < rows.length; at += sum.length)
    for (let j = 0; j < sum.length; j++) sum[j]! += rows[at + j]!;
}

/** ⟨a, b⟩_F */
function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** ‖a‖_F */
export function frobenius(a: Float64Array): number {
  return Math.sqrt(inner(a, a));
}

/** distance / size; 0 where there is no distance, null where there is no size: no number is relative to nothing. */
export function relative(distance: number, size: number): number | null {
  if (distance === 0) return 0;
  return size === 0 ? null : distance / size;
}

/** 1 − ⟨a,b⟩_F / (‖a‖_F‖b‖_F); null where either is zero. */
export function directionError(a: Float64Array, b: Float64Array): number | null {
  const size = frobenius(a) * frobenius(b);
  return size === 0 ? null : Math.max(0, 1 - inner(a, b) / size);
}
