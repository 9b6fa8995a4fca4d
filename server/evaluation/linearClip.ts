import type { Matrix } from 'ml-matrix';
import type { Products } from '../selection/products.js';
import type { Moments } from './moments.js';
import type { LeadingSingular } from './singular.js';

/** How the similarity of mapped rows is taken. */
export type LinearForm = 'plain' | 'cosine';

/**
 * Linear CLIP: the two linear maps that minimise the linear contrastive loss on a set of pairs are the leading singular
 * vectors of its cross-covariance (arXiv 2403.12267, section 4): C = U diag(σ) Vᵀ, v ↦ √σ·Uᵀ(v − μ_v), l ↦ √σ·Vᵀ(l − μ_l).
 * In the cosine form the mapped rows are normalised too, as CLIP's are.
 */
export interface LinearClip {
  rank: number;
  /** √σ·Uᵀ and √σ·Vᵀ, [r, d]. */
  imageMap: Float64Array;
  textMap: Float64Array;
  imageMean: Float64Array;
  textMean: Float64Array;
}

export function fitLinearClip(
  { imageMean, textMean }: Moments,
  { left, right, values }: LeadingSingular,
): LinearClip {
  const scaled = (vectors: Matrix): Float64Array => {
    const map = vectors.transpose();
    values.forEach((value, j) => map.mulRow(j, Math.sqrt(value)));
    return Float64Array.from(map.to1DArray());
  };
  return { rank: values.length, imageMap: scaled(left), textMap: scaled(right), imageMean, textMean };
}

/** Unit rows [n, d] as a linear CLIP sees them, [n, r], in the plain form; `centred` is room for as many rows. */
export async function mapRows(
  rows: Float64Array,
  side: 'image' | 'text',
  model: LinearClip,
  products: Pick<Products, 'crossInDouble'>,
  centred = new Float64Array(rows.length),
): Promise<Float64Array> {
  const mean = side === 'image' ? model.imageMean : model.textMean;
  for (let at = 0; at < rows.length;)
    for (let j = 0; j < mean.length; j++, at++) centred[at] = rows[at]! - mean[j]!;
  return products.crossInDouble(centred, side === 'image' ? model.imageMap : model.textMap, mean.length);
}

/** Mapped rows [n, r] in a form, rounded to float32. */
export function inForm(mapped: Float64Array, rank: number, form: LinearForm): Float32Array {
  const out = new Float32Array(mapped);
  if (form === 'plain') return out;
  for (let at = 0; at < out.length; at += rank) {
    let square = 0;
    for (let c = at; c < at + rank; c++) square += mapped[c]! ** 2;
    const scale = square === 0 ? 1 : 1 / Math.sqrt(square);
    for (let c = at; c < at + rank; c++) out[c] = scale * mapped[c]!;
  }
  return out;
}
