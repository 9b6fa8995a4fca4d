import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Products } from '../selection/products.js';
import { leadingEigenpairs } from './subspaceIteration.js';

/** The leading part of C = U diag(σ) Vᵀ, largest first. */
export interface LeadingSingular {
  /** U, [d, r], and V, [d, r]: columns of length 1. */
  left: Matrix;
  right: Matrix;
  /** σ, [r]; as many as are not zero. */
  values: Float64Array;
}

/** Below this share of the largest, a singular value is rounding. */
const LEAST = 1e-7;
/** Up to this width all eigenvectors at once take less time than the leading ones alone. */
const SMALL = 128;

interface Tools {
  products: Pick<Products, 'crossInDouble'>;
  checkpoint: () => Promise<void>;
}

/**
 * The leading `rank` singular triplets of a square matrix, by the eigenvectors of CᵀC: as good as a singular value
 * decomposition for values that are not a millionth of the largest. `near` are those of a matrix that may be much like
 * this one.
 */
export async function leadingSingular(
  matrix: Matrix,
  rank: number,
  tools: Tools,
  near?: LeadingSingular,
): Promise<LeadingSingular> {
  const dim = matrix.columns;
  const kept = Math.min(rank, dim);
  const { vectors, values } =
    dim <= SMALL || kept > dim / 2
      ? allEigenpairs(matrix.transpose().mmul(matrix), kept)
      : await iterated(matrix, kept, tools, near);
  const sigma = values.map((value) => Math.sqrt(Math.max(0, value)));
  const nonzero = sigma.filter((value) => value > LEAST * sigma[0]!);
  const right = vectors.subMatrixColumn([...nonzero.keys()]);
  const left = matrix.mmul(right);
  nonzero.forEach((value, j) => left.mulColumn(j, 1 / value));
  return { left, right, values: nonzero };
}

/** Eigenvectors as columns, largest first. */
function allEigenpairs(matrix: Matrix, rank: number): { vectors: Matrix; values: Float64Array } {
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  // Eigenvalues ascend.
  const order = realEigenvalues.map((_, i) => realEigenvalues.length - 1 - i).slice(0, rank);
  return {
    vectors: eigenvectorMatrix.subMatrixColumn(order),
    values: Float64Array.from(order, (i) => realEigenvalues[i]!),
  };
}

async function iterated(
  matrix: Matrix,
  rank: number,
  { products, checkpoint }: Tools,
  near: LeadingSingular | undefined,
): Promise<{ vectors: Matrix; values: Float64Array }> {
  const dim = matrix.columns;
  const multiply = (left: Float64Array, right: Float64Array): Promise<Float64Array> =>
    products.crossInDouble(left, right);
  const columns = Float64Array.from(matrix.transpose().to1DArray());
  const square = await multiply(columns, columns);
  const start = near && Float64Array.from(near.right.transpose().to1DArray());
  const { vectors, values } = await leadingEigenpairs(square, dim, rank, multiply, checkpoint, start);
  return { vectors: Matrix.from1DArray(rank, dim, vectors).transpose(), values };
}

/** The first `rank` of them. */
export function firstOf({ left, right, values }: LeadingSingular, rank: number): LeadingSingular {
  const kept = [...values.subarray(0, rank).keys()];
  return {
    left: left.subMatrixColumn(kept),
    right: right.subMatrixColumn(kept),
    values: values.slice(0, rank),
  };
}

/**
 * Mean sin² of the principal angles between the spaces that two sets of r orthonormal columns span: 0 where they are the
 * same, 1 where they have nothing in common.
 */
export function subspaceDistance(a: Matrix, b: Matrix): number {
  const rank = Math.max(a.columns, b.columns);
  if (rank === 0) return 0;
  return Math.max(0, 1 - a.transpose().mmul(b).norm('frobenius') ** 2 / rank);
}
