import type { PairBlock } from '../embeddings/pairBlock.js';

/**
 * Class sums of the unit rows: all that cross and inter need to know of the other pairs (method.md, "What makes it
 * fast", point 1). Sums are in float64, in the order in which rows are added, so they do not depend on threads.
 */
export interface ClassSums {
  classes: number;
  dim: number;
  /** n_k */
  counts: Int32Array;
  /** Σ_{i∈V_k} v_i, [classes, dim] */
  images: Float64Array;
  /** Σ_{i∈V_k} l_i, [classes, dim] */
  texts: Float64Array;
}

export function emptyClassSums(classes: number, dim: number): ClassSums {
  return {
    classes,
    dim,
    counts: new Int32Array(classes),
    images: new Float64Array(classes * dim),
    texts: new Float64Array(classes * dim),
  };
}

/** Adds the rows of `block` to their classes; a label below 0 leaves its row out. */
export function addToClassSums(sums: ClassSums, block: PairBlock, labels: Int32Array): void {
  const { dim } = sums;
  for (let row = 0; row < block.rows; row++) {
    const k = labels[row]!;
    if (k < 0) continue;
    sums.counts[k]!++;
    addScaled(sums.images, k * dim, block.images, row * dim, block.imageScale[row]!, dim);
    addScaled(sums.texts, k * dim, block.texts, row * dim, block.textScale[row]!, dim);
  }
}

/** target[to + j] += scale · source[from + j] for j in [0, dim). */
export function addScaled(
  target: Float64Array,
  to: number,
  source: Float32Array,
  from: number,
  scale: number,
  dim: number,
): void {
  for (let j = 0; j < dim; j++) target[to + j]! += scale * source[from + j]!;
}

/**
 * Sums over the other live classes of their mean rows: Σ_{k'≠k, n_k'>0} μ_k', for every k. `inter` is an inner
 * product with these.
 */
export function otherClassMeans(sums: ClassSums, side: 'images' | 'texts'): Float64Array {
  const { classes, dim, counts } = sums;
  const total = new Float64Array(dim);
  const means = new Float64Array(classes * dim);
  for (let k = 0; k < classes; k++) {
    if (counts[k] === 0) continue;
    for (let j = 0; j < dim; j++) {
      means[k * dim + j] = sums[side][k * dim + j]! / counts[k]!;
      total[j]! += means[k * dim + j]!;
    }
  }
  for (let k = 0; k < classes; k++)
    for (let j = 0; j < dim; j++) means[k * dim + j] = total[j]! - means[k * dim + j]!;
  return means;
}
