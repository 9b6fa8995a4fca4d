import { Matrix } from 'ml-matrix';
import { gatherRows, type EmbeddingTable, type PairBlock } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { spectralNorm } from './singular.js';

/** First and second moments of the unit rows of a set of pairs. */
export interface Moments {
  rows: number;
  /** μ_v and μ_l */
  imageMean: Float64Array;
  textMean: Float64Array;
  /** C: the mean of (v − μ_v)(l − μ_l)ᵀ, [dim, dim]. */
  crossCovariance: Matrix;
}

const CHUNK_ROWS = 2048;

/**
 * Moments of the given rows. Rows are shifted by `origin` (the full data's means) before the float32 product, so that
 * the large common part of CLIP embeddings does not cancel out of the covariance with its digits.
 */
export async function moments(
  table: EmbeddingTable,
  rows: Int32Array,
  origin: { image: Float64Array; text: Float64Array },
  products: Products,
  checkpoint: () => Promise<void>,
): Promise<Moments> {
  const { dim } = table;
  const image = new Float64Array(dim);
  const text = new Float64Array(dim);
  const second = new Float64Array(dim * dim);
  for (let first = 0; first < rows.length; first += CHUNK_ROWS) {
    await checkpoint();
    const block = gatherRows(table, rows.subarray(first, first + CHUNK_ROWS));
    shift(block, origin);
    accumulate(image, block.images);
    accumulate(text, block.texts);
    const partial = await products.outer(block.images, block.texts);
    for (let i = 0; i < second.length; i++) second[i]! += partial[i]!;
  }
  const count = Math.max(1, rows.length);
  const crossCovariance = new Matrix(dim, dim);
  for (let i = 0; i < dim; i++)
    for (let j = 0; j < dim; j++)
      crossCovariance.set(i, j, second[i * dim + j]! / count - (image[i]! / count) * (text[j]! / count));
  const back = (shifted: Float64Array, by: Float64Array): Float64Array =>
    shifted.map((x, j) => x / count + by[j]!);
  return {
    rows: rows.length,
    imageMean: back(image, origin.image),
    textMean: back(text, origin.text),
    crossCovariance,
  };
}

/** Turns the rows of a block into unit rows minus the origin, in place. */
function shift(block: PairBlock, origin: { image: Float64Array; text: Float64Array }): void {
  const { dim } = block;
  for (let i = 0; i < block.rows; i++) {
    for (let j = 0, p = i * dim; j < dim; j++, p++) {
      block.images[p] = block.images[p]! * block.imageScale[i]! - origin.image[j]!;
      block.texts[p] = block.texts[p]! * block.textScale[i]! - origin.text[j]!;
    }
  }
}

function accumulate(sum: Float64Array, rows: Float32Array): void {
  for (let at = 0; at < rows.length; at += sum.length)
    for (let j = 0; j < sum.length; j++) sum[j]! += rows[at + j]!;
}

/** ‖a − b‖_F / ‖b‖_F; 0 where both are zero, null where b alone is: no number is relative to nothing. */
export function relativeError(a: Matrix, b: Matrix): number | null {
  const distance = Matrix.sub(a, b).norm('frobenius');
  const size = b.norm('frobenius');
  if (distance === 0) return 0;
  return size === 0 ? null : distance / size;
}

/** ‖a − b‖₂ / ‖b‖₂, as `relativeError`. */
export function relativeSpectral(a: Matrix, b: Matrix): number | null {
  const distance = spectralNorm(Matrix.sub(a, b));
  const size = spectralNorm(b);
  if (distance === 0) return 0;
  return size === 0 ? null : distance / size;
}

/** 1 − ⟨a,b⟩_F / (‖a‖_F‖b‖_F); null where either is zero. */
export function directionError(a: Matrix, b: Matrix): number | null {
  const size = a.norm('frobenius') * b.norm('frobenius');
  return size === 0 ? null : Math.max(0, 1 - Matrix.mul(a, b).sum() / size);
}
