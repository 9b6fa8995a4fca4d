import type { Matrix } from 'ml-matrix';
import type { Moments } from './moments.js';
import { leadingSingular } from './singular.js';

/** How the similarity of mapped rows is taken. */
export type LinearForm = 'plain' | 'cosine';

/**
 * Linear CLIP: the two linear maps that minimise the linear contrastive loss on a set of pairs are the leading singular
 * vectors of its cross-covariance (arXiv 2403.12267, section 4): C = U diag(σ) Vᵀ, v ↦ √σ·Uᵀ(v − μ_v), l ↦ √σ·Vᵀ(l − μ_l).
 * In the cosine form the mapped rows are normalised too, as CLIP's are.
 */
export interface LinearClip {
  /** √σ·Uᵀ and √σ·Vᵀ, [r, d]. */
  imageMap: Matrix;
  textMap: Matrix;
  imageMean: Float64Array;
  textMean: Float64Array;
}

export function fitLinearClip(moments: Moments, rank: number): LinearClip {
  const { left, right, values } = leadingSingular(moments.crossCovariance, rank);
  const scaled = (vectors: Matrix): Matrix => {
    const map = vectors.transpose();
    values.forEach((value, j) => map.mulRow(j, Math.sqrt(value)));
    return map;
  };
  return {
    imageMap: scaled(left),
    textMap: scaled(right),
    imageMean: moments.imageMean,
    textMean: moments.textMean,
  };
}

/** Unit rows [n, d] as a linear CLIP sees them, [n, r]. */
export function mapRows(
  rows: Float64Array,
  side: 'image' | 'text',
  model: LinearClip,
  form: LinearForm,
): Float32Array {
  const map = side === 'image' ? model.imageMap : model.textMap;
  const mean = side === 'image' ? model.imageMean : model.textMean;
  const { rows: rank, columns: dim } = map;
  // Plain arrays: a matrix library's element access takes ten times as long as the product.
  const weights = Float64Array.from(map.to1DArray());
  const count = dim ? rows.length / dim : 0;
  const out = new Float32Array(count * rank);
  const centred = new Float64Array(dim);
  const mapped = new Float64Array(rank);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < dim; j++) centred[j] = rows[i * dim + j]! - mean[j]!;
    let square = 0;
    for (let c = 0, at = 0; c < rank; c++) {
      let sum = 0;
      for (let j = 0; j < dim; j++, at++) sum += weights[at]! * centred[j]!;
      mapped[c] = sum;
      square += sum * sum;
    }
    const scale = form === 'plain' || square === 0 ? 1 : 1 / Math.sqrt(square);
    for (let c = 0; c < rank; c++) out[i * rank + c] = scale * mapped[c]!;
  }
  return out;
}
