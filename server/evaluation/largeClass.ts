import type { Products } from '../selection/products.js';
import { CentredSum } from './centredSum.js';
import type { ClassRows } from './classRows.js';
import type { MomentShare } from './momentShare.js';
import { ascending, type PickedClass } from './pickedClass.js';
import type { SetSums } from './setSums.js';

/**
 * ‖C_S − C_V‖ / ‖C_V‖ of every set by [dim, dim] matrices, for a class of many pairs; what each set adds to the one before it is
 * added to `moments`. The class is open in `rows`, its means set.
 */
export async function measureLargeClass(
  picked: PickedClass,
  sums: SetSums,
  rows: ClassRows,
  products: Products,
  checkpoint: () => Promise<void>,
  moments: MomentShare,
): Promise<Float64Array> {
  const { size: n, orders, counts, added } = picked;
  const { matrices } = rows;
  const sum = new CentredSum(rows, products, checkpoint);
  /** How far a set is from all pairs once the pairs of the sum are in it. */
  const distance = (set: number): number =>
    moments.addClass(set, (target, whole) =>
      matrices.addPrefix(target, whole, sums.about(set, added[set]!), counts[set]!, sums.driftsOf(set)),
    );
  matrices.startClass();
  await sum.addPairs(ascending(n));
  sum.take();
  distance(0);
  const size = matrices.setFull(n);
  const errors = new Float64Array(counts.length);
  for (const { firstSet, prefixes, fresh } of orders) {
    matrices.startPrefix();
    for (let p = 0; p < prefixes; p++) {
      const set = firstSet + p;
      await sum.addPairs(fresh[p]!);
      if (!sum.take()) errors[set] = p > 0 ? errors[set - 1]! : 1;
      else {
        const apart = distance(set);
        // All pairs are no way from themselves, whatever rounding says.
        if (counts[set]! < n && size > 0) errors[set] = apart / size;
      }
    }
  }
  return errors;
}
