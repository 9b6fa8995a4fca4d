import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';

/** First and second moments of the rows of two sides, which may differ in width. */
export interface TwoSidedMoments {
  rows: number;
  imageMean: Float64Array;
  textMean: Float64Array;
  /** Σ_v [dv, dv], Σ_l [dl, dl] and C [dv, dl], all about the means. */
  images: Matrix;
  texts: Matrix;
  cross: Matrix;
}

/** The maps of canonical similarity analysis; a = imageMap·(v − μ_v), b = textMap·(l − μ_l). */
export interface CanonicalMaps {
  /** [r, dv] and [r, dl] */
  imageMap: Matrix;
  textMap: Matrix;
  /** Canonical correlations, largest first, in 0…1. */
  correlations: Float64Array;
}

/**
 * Canonical similarity analysis (arXiv 2410.07610): Σ_v^−½ C Σ_l^−½ = P diag(ρ) Qᵀ, of which the leading `rank` are kept;
 * a = Pᵀ Σ_v^−½ (v − μ_v) and b = Qᵀ Σ_l^−½ (l − μ_l). `ridge` is added to both Σ, as a share of their mean variance.
 */
export function canonicalMaps(moments: TwoSidedMoments, rank: number, ridge: number): CanonicalMaps {
  const left = inverseRoot(moments.images, ridge);
  const right = inverseRoot(moments.texts, ridge);
  const { leftSingularVectors, rightSingularVectors, diagonal } = new SingularValueDecomposition(
    left.mmul(moments.cross).mmul(right),
    { autoTranspose: true },
  );
  const kept = Math.min(rank, diagonal.length);
  const leading = (vectors: Matrix): Matrix =>
    vectors.subMatrix(0, vectors.rows - 1, 0, kept - 1).transpose();
  return {
    imageMap: leading(leftSingularVectors).mmul(left),
    textMap: leading(rightSingularVectors).mmul(right),
    // Rounding may lift one above 1, which no correlation is.
    correlations: Float64Array.from(diagonal.slice(0, kept), (value) => Math.min(1, Math.max(0, value))),
  };
}

function inverseRoot(covariance: Matrix, ridge: number): Matrix {
  const size = covariance.rows;
  const lifted = Matrix.add(covariance, Matrix.eye(size).mul((ridge * covariance.trace()) / size));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(lifted, {
    assumeSymmetric: true,
  });
  const floor = 1e-12 * Math.max(...realEigenvalues);
  const roots = Matrix.diag(realEigenvalues.map((value) => (value > floor ? 1 / Math.sqrt(value) : 0)));
  return eigenvectorMatrix.mmul(roots).mmul(eigenvectorMatrix.transpose());
}

/**
 * Rows [count, rank + 2] of unit length whose inner products are the similarity Σ ρ_i a_i b_i / (‖a‖‖b‖): √ρ·a/‖a‖, and in
 * one of two further numbers, another for each side, what is missing to length 1. So every method that normalises rows
 * and multiplies them sees that similarity.
 */
export function alignedRows(
  rows: Matrix,
  mean: Float64Array,
  map: Matrix,
  correlations: Float64Array,
  side: 'image' | 'text',
): Float32Array {
  const rank = correlations.length;
  const centred = rows.clone().subRowVector([...mean]);
  const mapped = centred.mmul(map.transpose());
  const aligned = new Float32Array(rows.rows * (rank + 2));
  for (let i = 0; i < rows.rows; i++) {
    let size = 0;
    for (let j = 0; j < rank; j++) size += mapped.get(i, j) ** 2;
    if (!(size > 0 && Number.isFinite(size))) continue;
    const at = i * (rank + 2);
    let kept = 0;
    for (let j = 0; j < rank; j++) {
      const value = (Math.sqrt(correlations[j]!) * mapped.get(i, j)) / Math.sqrt(size);
      aligned[at + j] = value;
      kept += value * value;
    }
    aligned[at + rank + (side === 'image' ? 0 : 1)] = Math.sqrt(Math.max(0, 1 - kept));
  }
  return aligned;
}
