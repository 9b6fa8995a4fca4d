import { MomentSums } from '../evaluation/moments.js';
import { leadingEigenpairs } from '../evaluation/eigenpairs.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { imageBlocks } from './imageBlocks.js';

/** The directions in which the image embeddings of a table differ most. */
export interface Principal {
  /** μ_v, [dim] */
  mean: Float64Array;
  /** Unit rows, [rank, dim], the largest variance first; the component of largest size of each is positive. */
  directions: Float32Array;
  /** The share of all variance along each. */
  explained: number[];
}

/** To be told how many rows are done; throws to cancel. */
export type OnRows = (done: number) => Promise<void>;

/**
 * Principal components of the unit image embeddings of all usable pairs. Of images alone: a pair's latent class is decided by its
 * image, so classes lie together, and a caption that does not belong to its image leaves the point where the image is.
 */
export async function principalDirections(
  table: EmbeddingTable,
  rank: number,
  products: Pick<Products, 'outer' | 'crossInDouble'>,
  onRows: OnRows,
): Promise<Principal> {
  const { dim } = table;
  const origin = meanOfFirst(table);
  const sums = new MomentSums(dim, { image: origin, text: origin });
  for (const { first, count, images } of imageBlocks(table, origin)) {
    if (images.length > 0) await sums.add(images, images, products as Products);
    await onRows(first + count);
  }
  const { imageMean, crossCovariance: covariance } = sums.moments();
  let variance = 0;
  for (let j = 0; j < dim; j++) variance += covariance[j * dim + j]!;
  const kept = Math.min(rank, dim);
  // Pairs that are all alike have no direction to differ in.
  if (!(variance > 1e-9)) {
    const none = new Array<number>(kept).fill(0);
    return { mean: imageMean, directions: new Float32Array(kept * dim), explained: none };
  }
  const { vectors, values } = await leadingEigenpairs(covariance, dim, kept, () => onRows(table.rows));
  return {
    mean: imageMean,
    directions: Float32Array.from(withSigns(vectors, dim)),
    explained: Array.from(values, (value) => Math.max(0, value) / variance),
  };
}

/** An eigenvector is one with either sign; so that the map does not turn over, its largest component is positive. */
function withSigns(vectors: Float64Array, dim: number): Float64Array {
  const signed = vectors.slice();
  for (let at = 0; at < signed.length; at += dim) {
    let largest = at;
    // What differs by rounding only is the same: the first of them decides.
    for (let p = at; p < at + dim; p++)
      if (Math.abs(signed[p]!) > Math.abs(signed[largest]!) * (1 + 1e-6)) largest = p;
    if (signed[largest]! < 0) for (let p = at; p < at + dim; p++) signed[p] = -signed[p]!;
  }
  return signed;
}

/** Near the mean of all: the common part of embeddings must not cancel out of their covariance with its digits. */
function meanOfFirst(table: EmbeddingTable): Float64Array {
  const mean = new Float64Array(table.dim);
  for (const { rows, images } of imageBlocks(table, mean)) {
    if (rows.length === 0) continue;
    const sum = new Float64Array(table.dim);
    for (let p = 0; p < images.length; p++) sum[p % table.dim]! += images[p]!;
    return sum.map((x) => x / rows.length);
  }
  return mean;
}
