import type { Products } from '../selection/products.js';
import { CentredSum } from './centredSum.js';
import type { ClassRows } from './classRows.js';
import type { PickedClass } from './pickedClass.js';

/** Takes Σ ṽl̃ᵀ of what a set adds to the one before it. */
export type OnSum = (set: number, sum: Float32Array | Float64Array) => void;

/**
 * ‖C_S − C_V‖ / ‖C_V‖ of every set by [dim, dim] matrices, for a class of many pairs, whose sums every set needs anyway. The
 * class is open in `rows`, its means set.
 */
export async function measureLargeClass(
  picked: PickedClass,
  rows: ClassRows,
  products: Products,
  checkpoint: () => Promise<void>,
  onSum: OnSum,
): Promise<Float64Array> {
  const { size: n, orders, counts, imageDrift, textDrift } = picked;
  const { dim } = rows.pairs;
  const sum = new CentredSum(rows, products, checkpoint);
  await sum.addPairs(Int32Array.from({ length: n }, (_, i) => i));
  const all = (await sum.take())!;
  onSum(0, all);
  const errors = new Float64Array(counts.length);
  if (orders.length === 0) return errors;
  const full = Float64Array.from(all, (value) => value / n);
  const size = Math.sqrt(full.reduce((total, value) => total + value * value, 0));
  const prefix = new Float64Array(dim * dim);
  for (const { firstSet, prefixes, fresh } of orders) {
    prefix.fill(0);
    for (let p = 0; p < prefixes; p++) {
      const set = firstSet + p;
      const s = counts[set]!;
      if (fresh[p]!.length) {
        await sum.addPairs(fresh[p]!);
        const added = (await sum.take())!;
        onSum(set, added);
        for (let i = 0; i < prefix.length; i++) prefix[i]! += added[i]!;
      }
      if (s === 0) errors[set] = 1;
      else if (s < n && size > 0)
        errors[set] = distance(prefix, s, imageDrift, textDrift, set * dim, full) / size;
    }
  }
  return errors;
}

/** ‖(1/s)Σ_S ṽl̃ᵀ − δ_v δ_lᵀ − C_V‖_F */
function distance(
  sum: Float64Array,
  s: number,
  imageDrift: Float64Array,
  textDrift: Float64Array,
  from: number,
  full: Float64Array,
): number {
  const dim = Math.sqrt(full.length);
  let square = 0;
  for (let i = 0, at = 0; i < dim; i++) {
    const drift = imageDrift[from + i]!;
    for (let j = 0; j < dim; j++, at++) {
      const value = sum[at]! / s - drift * textDrift[from + j]! - full[at]!;
      square += value * value;
    }
  }
  return Math.sqrt(square);
}
