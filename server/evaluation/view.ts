import type { Products } from '../selection/products.js';
import { inForm, mapRows, type LinearClip, type LinearForm } from './linearClip.js';

/** Unit rows [n, d] as a model sees them, as rows [n, d] whose products are similarities. */
export type View = (rows: Float64Array, side: 'image' | 'text') => Promise<Float32Array>;

/** The embeddings as they are: the model that made them. */
export const asTheyAre: View = async (rows) => Float32Array.from(rows);

/** What a linear CLIP makes of them. */
export function seenBy(model: LinearClip, form: LinearForm, products: Pick<Products, 'crossInDouble'>): View {
  const dim = model.imageMean.length;
  return async (rows, side) =>
    widened(inForm(await mapRows(rows, side, model, products), model.rank, form), rows.length / dim, dim);
}

/** Rows [count, r] with zeros behind, [count, dim]: the engine's products are of one width, and these are the same. */
function widened(rows: Float32Array, count: number, dim: number): Float32Array {
  const rank = count ? rows.length / count : 0;
  const wide = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) wide.set(rows.subarray(i * rank, (i + 1) * rank), i * dim);
  return wide;
}
