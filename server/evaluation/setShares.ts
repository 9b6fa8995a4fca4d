import type { PassSetup, SetShare } from './classPass.js';
import { GRAM_ROWS } from './classGram.js';

/** Those of the same sets whose sums are added up. */
const SHARE_ROWS = 16_384;
/** Combinations of prefixes that are told apart at most, and pairs that they have on average at least. */
const MOST_COMBINATIONS = 256;
const COMBINATION_ROWS = 1024;

/** Orders whose prefixes are told apart together, and what tells pairs of theirs apart. */
interface OrderGroup {
  orders: PassSetup['orders'];
  /** As many as there are combinations of their prefixes and of none. */
  combinations: number;
}

/** Few enough combinations that most of the pairs fill products: a product of few is mostly the writing of its result. */
function groupsOf(orders: PassSetup['orders'], pairs: number): OrderGroup[] {
  const most = Math.min(MOST_COMBINATIONS, pairs / COMBINATION_ROWS);
  const groups: OrderGroup[] = [{ orders: [], combinations: 1 }];
  for (const order of orders) {
    const last = groups.at(-1)!;
    const combinations = last.combinations * (order.prefixes + 1);
    if (last.orders.length && combinations > most)
      groups.push({ orders: [order], combinations: order.prefixes + 1 });
    else Object.assign(last, { orders: [...last.orders, order], combinations });
  }
  return groups;
}

/**
 * The pairs of small classes in pieces of which each is in the same sets: what several sets add is multiplied once. Orders are
 * told apart in groups; the first group has all pairs too. Rows are in their order, so that reading goes forward.
 */
export function sharesOf(
  { orders, whole, starts, rows }: PassSetup,
  members: readonly Int32Array[],
): SetShare[] {
  const places = new Int32Array(rows.length);
  let small = 0;
  members.forEach((own, k) => {
    if (own.length <= GRAM_ROWS) for (let i = starts[k]!; i < starts[k + 1]!; i++) places[small++] = i;
  });
  const shares = groupsOf(orders, small).flatMap((group, g) => {
    const of = combinationsOf(group, places.subarray(0, small));
    // The last combination, of pairs that no prefix holds, is one of the first group alone.
    const combinations = group.combinations - (g === 0 ? 0 : 1);
    const ends = new Int32Array(combinations);
    for (const combination of of) if (combination < combinations) ends[combination]!++;
    for (let c = 1; c < combinations; c++) ends[c]! += ends[c - 1]!;
    const sorted = new Int32Array(new SharedArrayBuffer(4 * (ends.at(-1) ?? 0)));
    const next = ends.slice();
    for (let i = 0; i < small; i++) if (of[i]! < combinations) sorted[--next[of[i]!]!] = rows[places[i]!]!;
    return Array.from(ends, (end, c): SetShare => {
      const sets = setsOf(group, c).filter((set) => !whole[set]);
      return { sets: g === 0 ? [0, ...sets] : sets, rows: sorted.subarray(ends[c - 1] ?? 0, end).sort() };
    });
  });
  return shares
    .filter(({ sets }) => sets.length > 0)
    .flatMap(({ sets, rows: own }) =>
      Array.from({ length: Math.ceil(own.length / SHARE_ROWS) }, (_, i) => ({
        sets,
        rows: own.subarray(i * SHARE_ROWS, (i + 1) * SHARE_ROWS),
      })),
    )
    .sort((a, b) => b.rows.length - a.rows.length);
}

/** Of each of some places the combination of its levels in the orders, the first order's counting most. */
function combinationsOf({ orders }: OrderGroup, places: Int32Array): Uint32Array {
  const found = new Uint32Array(places.length);
  for (const { levels, prefixes } of orders)
    for (let i = 0; i < found.length; i++)
      found[i] = found[i]! * (prefixes + 1) + Math.min(prefixes, levels[places[i]!]!);
  return found;
}

/** The sets that pairs of a combination are added to, one of each order at most. */
function setsOf({ orders }: OrderGroup, combination: number): number[] {
  const sets: number[] = [];
  for (const { prefixes, firstSet } of orders.toReversed()) {
    const level = combination % (prefixes + 1);
    if (level < prefixes) sets.unshift(firstSet + level);
    combination = Math.floor(combination / (prefixes + 1));
  }
  return sets;
}
