import type { Products } from '../selection/products.js';
import { gramOf, type GramMemory } from './classGram.js';
import type { ClassRows } from './classRows.js';
import { GramErrors } from './gramErrors.js';
import { ascending, type PickedClass } from './pickedClass.js';
import { RepeatCount } from './repeats.js';
import type { SetSums } from './setSums.js';

/**
 * ‖C_S − C_V‖ / ‖C_V‖ of every set, and repeats added to `repeats`, without a [dim, dim] matrix; the class is in the chunk of
 * `rows`, minus its means. ⟨C_A, C_B⟩ is a mean of ⟨ṽ_i, ṽ_j⟩⟨l̃_i, l̃_j⟩; C_S = (1/s)Σ_S ṽl̃ᵀ − δ_v δ_lᵀ.
 */
export async function measureSmallClass(
  picked: PickedClass,
  sums: SetSums,
  rows: ClassRows,
  products: Products,
  memory: GramMemory,
  repeats: Int32Array,
): Promise<Float64Array> {
  const gram = await gramOf(picked, sums, rows, products, memory);
  const found = new GramErrors(picked, gram, rows.pairs.memory, memory);
  for (let i = 0; i < picked.size; i++) found.meet(i);
  const count = repeatCountOf(picked);
  for (const pair of count.order) {
    // Those behind it are not kept yet, and count for nothing.
    for (const other of found.near[pair] ?? []) count.repeats(other);
    count.settle(pair, repeats);
  }
  return found.errors();
}

/** Ready to count: every set with its pairs. */
export function repeatCountOf({ size, scores, orders, counts }: PickedClass): RepeatCount {
  const count = new RepeatCount(scores, counts.length);
  count.include(ascending(size), 0);
  for (const { firstSet, prefixes, fresh } of orders)
    for (let p = 0; p < prefixes; p++)
      for (let set = firstSet + p; set < firstSet + prefixes; set++) count.include(fresh[p]!, set);
  return count;
}
