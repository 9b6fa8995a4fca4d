import type { Products } from '../selection/products.js';
import { CentredSum } from './centredSum.js';
import { accumulate, distance, divide } from './matrices.js';
import type { ClassRows } from './classRows.js';
import { ascending, type PickedClass } from './pickedClass.js';

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
  await sum.addPairs(ascending(n));
  const all = (await sum.take())!;
  onSum(0, all);
  const errors = new Float64Array(counts.length);
  if (orders.length === 0) return errors;
  const full = new Float64Array(dim * dim);
  const size = Math.sqrt(divide(all, n, full));
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
        accumulate(prefix, added);
      }
      if (s === 0) errors[set] = 1;
      else if (s < n && size > 0) {
        const [image, text] = [imageDrift, textDrift].map((drift) =>
          drift.subarray(set * dim, (set + 1) * dim),
        );
        errors[set] = distance(prefix, s, image!, text!, full) / size;
      }
    }
  }
  return errors;
}
