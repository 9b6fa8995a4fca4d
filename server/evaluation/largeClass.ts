import type { Products } from '../selection/products.js';
import { CentredSum } from './centredSum.js';
import type { ClassRows } from './classRows.js';
import { ascending, type PickedClass } from './pickedClass.js';

/** Is told that the sum of the rows' matrices is Σ ṽl̃ᵀ of what a set adds to the one before it; may change it. */
export type OnSum = (set: number) => void;

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
  const { matrices } = rows;
  const sum = new CentredSum(rows, products, checkpoint);
  await sum.addPairs(ascending(n));
  await sum.take();
  const size = matrices.setFull(n);
  onSum(0);
  const errors = new Float64Array(counts.length);
  for (const { firstSet, prefixes, fresh } of orders) {
    matrices.startPrefix();
    for (let p = 0; p < prefixes; p++) {
      const set = firstSet + p;
      const s = counts[set]!;
      await sum.addPairs(fresh[p]!);
      if (await sum.take()) {
        matrices.addToPrefix();
        onSum(set);
      }
      if (s === 0) errors[set] = 1;
      else if (s < n && size > 0) {
        const [image, text] = [imageDrift, textDrift].map((drift) =>
          drift.subarray(set * dim, (set + 1) * dim),
        );
        errors[set] = matrices.distance(s, image!, text!) / size;
      }
    }
  }
  return errors;
}
