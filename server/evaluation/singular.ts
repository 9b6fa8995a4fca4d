import { Matrix } from 'ml-matrix';
import type { Products } from '../selection/products.js';
import { leadingEigenpairs } from './eigenpairs.js';
import { largestEigenvalue } from './largestEigenvalue.js';

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

interface Tools {
  products: Pick<Products, 'crossInDouble'>;
  checkpoint: () => Promise<void>;
}

/**
 * The leading `rank` singular triplets of a square matrix [d, d], by the eigenvectors of CᵀC: as good as a singular value
 * decomposition for values that are not a millionth of the largest.
 */
export async function leadingSingular(
  matrix: Float64Array,
  rank: number,
  { products, checkpoint }: Tools,
): Promise<LeadingSingular> {
  const dim = Math.sqrt(matrix.length);
  const square = await squareOf(matrix, dim, products);
  const { vectors, values } = await leadingEigenpairs(
    square,
    dim,
    Math.min(rank, dim),
    checkpoint,
    LEAST ** 2,
  );
  const sigma = values.map((value) => Math.sqrt(Math.max(0, value)));
  const nonzero = sigma.filter((value) => value > LEAST * sigma[0]!);
  const kept = nonzero.length;
  const right = new Matrix(dim, kept);
  const left = new Matrix(dim, kept);
  if (kept === 0) return { left, right, values: nonzero };
  const rows = vectors.subarray(0, kept * dim);
  const images = await products.crossInDouble(matrix, rows, dim);
  for (let i = 0; i < dim; i++)
    for (let j = 0; j < kept; j++) {
      right.set(i, j, rows[j * dim + i]!);
      left.set(i, j, images[i * kept + j]! / nonzero[j]!);
    }
  return { left, right, values: nonzero };
}

/** ‖C‖₂, the largest singular value. */
export async function spectralNorm(matrix: Float64Array, { products, checkpoint }: Tools): Promise<number> {
  const dim = Math.sqrt(matrix.length);
  const square = await squareOf(matrix, dim, products);
  return Math.sqrt(Math.max(0, await largestEigenvalue(square, dim, checkpoint)));
}

/** CᵀC */
async function squareOf(
  matrix: Float64Array,
  dim: number,
  products: Tools['products'],
): Promise<Float64Array> {
  const columns = new Float64Array(matrix.length);
  for (let i = 0, at = 0; i < dim; i++)
    for (let j = 0; j < dim; j++, at++) columns[j * dim + i] = matrix[at]!;
  return products.crossInDouble(columns, columns, dim);
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
