import type { EmbeddingTable } from '../rows/pairBlock.js';
import { addUp, ExactSums, type WholeSums } from './exactSums.js';
import { blockFor, eachBlock } from './blocks.js';

/**
 * Class sums of the unit rows: all that cross and inter need to know of the other pairs (method.md, "What makes it
 * fast", point 1). They do not depend on the order of the rows, nor on threads.
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

/** The class sums from what one or more threads have added up. */
export function classSums(parts: WholeSums[], classes: number, dim: number): ClassSums {
  return { classes, dim, ...addUp(parts, classes, dim) };
}

/** The class sums of the given rows of a table. */
export async function sumClasses(
  table: EmbeddingTable,
  labels: Int32Array,
  classes: number,
  rows: Int32Array,
  checkpoint: (done: number) => Promise<void>,
): Promise<ClassSums> {
  const pairs = blockFor(table, rows.length, ExactSums.bytesNeeded(classes, table.dim));
  const sums = new ExactSums(pairs, classes);
  await eachBlock(pairs, rows, (block) => sums.add(block.map((row) => labels[row]!)), checkpoint);
  return classSums([sums.take()], classes, table.dim);
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
