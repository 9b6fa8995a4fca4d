import { budgetOf } from './budget.js';
import type { SelectionOrder } from './selectionInput.js';

/** What a person asks of a selection besides its method. */
export interface Constraints {
  /** Rows that are picked first, in this order. */
  include: Int32Array;
  /** At most so many picks of a class, `N` or `P%` of it; null for any number. */
  classQuota: string | null;
}

/** |S_k| at most, of a class of `size` candidates: one at least, where the share is less. */
export function quotaOf(classQuota: string | null, size: number): number {
  if (classQuota === null || size === 0) return size;
  if (!classQuota.includes('%')) return Math.min(size, budgetOf(classQuota, Number.MAX_SAFE_INTEGER));
  return Math.max(1, Math.floor((size * Number.parseFloat(classQuota)) / 100));
}

/**
 * The first `budget` of an order of all candidates that the quotas allow, those to include before them. Included pairs
 * count in their class's quota and are never refused by it. A prefix of the result is what a smaller budget gives.
 */
export function constrained(
  order: SelectionOrder,
  labels: Int32Array,
  sizes: ArrayLike<number>,
  { include, classQuota }: Constraints,
  budget: number,
): SelectionOrder {
  const gainOf = new Map<number, number>();
  order.rows.forEach((row, i) => gainOf.set(row, order.gains[i]!));
  const rows: number[] = [...include.slice(0, budget)];
  const taken = new Set(rows);
  const left = Int32Array.from(sizes, (size) => quotaOf(classQuota, size));
  for (const row of rows) left[labels[row]!]!--;
  for (const row of order.rows) {
    if (rows.length >= budget) break;
    if (taken.has(row) || left[labels[row]!]! <= 0) continue;
    left[labels[row]!]!--;
    rows.push(row);
  }
  return { rows: Int32Array.from(rows), gains: Float64Array.from(rows, (row) => gainOf.get(row) ?? 0) };
}
