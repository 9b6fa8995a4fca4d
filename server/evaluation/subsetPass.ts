import { objectiveFrom, type PairTotals } from '../selection/objective.js';
import type { Objective } from '../protocol/selection.js';
import { ClassPass, NO_PREFIX, type FoundClasses, type PassSetup, type SetShare } from './classPass.js';
import { residentRows } from './classRows.js';
import type { EvaluationContext, SubsetShape } from './evaluated.js';
import { momentArea, type MomentArea } from './momentArea.js';
import { ascending } from './pickedClass.js';
import { classShares, scoreShares, SCORE_RANGE } from './shape.js';
import { GRAM_ROWS } from './classGram.js';

/** Prefixes of one order of rows; `sizes` ascend, the last one is all of them. */
export interface NestedSubset {
  rows: Int32Array;
  sizes: readonly number[];
}

/** What one pass over the classes finds out about a set of pairs. */
export interface PassedSubset {
  pairs: number;
  /** The sets of the area that it is made of; null for all pairs, which everything is compared with. */
  parts: number[] | null;
  classCovarianceError: number;
  imageCentreDistance: number;
  textCentreDistance: number;
  duplicateRate: number;
  /** |S_k| */
  picked: Int32Array;
  clipScore: number;
  objective: Objective;
  shape: SubsetShape;
}

/** A piece of the pass: classes from `first` up to `end`. */
export interface ClassRange {
  first: number;
  end: number;
}

/** Runs pieces of a pass, on all threads; their order does not matter. */
export type RunPass = (
  setup: PassSetup,
  ranges: readonly ClassRange[],
  shares: readonly SetShare[],
  onFound: (found: FoundClasses) => Promise<void>,
) => Promise<void>;

/** Pairs of small classes that are worked on together. */
const BLOCK_ROWS = 8192;
/** Those of the same sets whose sums are added up. */
const SHARE_ROWS = 16_384;
/** Combinations of prefixes that are told apart at most, and pairs that they have on average at least. */
const MOST_COMBINATIONS = 256;
const COMBINATION_ROWS = 1024;

/**
 * Goes over the classes once for all subsets: the sums behind the cross-covariance of all pairs and of every prefix, the
 * covariance error by class (Σ_k n_k·‖C_{S_k} − C_{V_k}‖/‖C_{V_k}‖ over Σ n_k, where a class without picks counts 1),
 * near-duplicates among the picks, the terms of the objective. Results do not depend on the number of threads.
 */
export async function passOverClasses(
  subsets: readonly NestedSubset[],
  context: EvaluationContext,
): Promise<{ full: PassedSubset; found: PassedSubset[][]; area: MomentArea; added: Int32Array }> {
  const { members, threads } = context;
  const setup = setupOf(subsets, context);
  const { area } = setup;
  const ranges = rangesOf(members, BLOCK_ROWS);
  const found = new Array<FoundClasses>(ranges.length);
  const places = new Map(ranges.map(({ first }, i) => [first, i]));
  await (threads?.classes ?? here(context))(setup, ranges, sharesOf(setup, members), async (classes) => {
    found[places.get(classes.first)!] = classes;
  });
  const tallies = Array.from({ length: setup.sets }, (_, set) => new SetTally(set, context));
  for (const classes of found) for (const tally of tallies) tally.add(classes);
  const full = { ...tallies[0]!.passed(tallies.slice(0, 1), setup.scores), parts: null };
  const added = new Int32Array(setup.sets);
  added[0] = setup.rows.length;
  const passed = subsets.map(({ sizes }, o) => {
    const { firstSet, levels } = setup.orders[o]!;
    return sizes.map((size, p): PassedSubset => {
      const set = firstSet + p;
      added[set] = size - (sizes[p - 1] ?? 0);
      const scores = scoresWithin(setup.scores, levels, p, size);
      const subset = tallies[set]!.passed(tallies.slice(firstSet, set + 1), scores);
      return { ...subset, parts: setup.whole[set] ? null : Array.from(ascending(p + 1, firstSet)) };
    });
  });
  return { full, found: passed, area, added };
}

function setupOf(subsets: readonly NestedSubset[], context: EvaluationContext): PassSetup {
  const { table, members, terms, weights, origin, all, residentBytes } = context;
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
  const starts = new Int32Array(shared(4 * (members.length + 1)));
  members.forEach((rows, k) => (starts[k + 1] = starts[k]! + rows.length));
  const pairs = starts[members.length]!;
  const rows = new Int32Array(shared(4 * pairs));
  const places = new Int32Array(table.rows).fill(-1);
  members.forEach((own, k) => {
    rows.set(own, starts[k]);
    own.forEach((row, i) => (places[row] = starts[k]! + i));
  });
  const whole = [false];
  const orders = subsets.map(({ rows: picks, sizes }) => {
    if (sizes.length >= NO_PREFIX) throw new Error('too many prefixes of one order');
    const levels = new Uint8Array(shared(pairs)).fill(NO_PREFIX);
    const firstSet = whole.length;
    let from = 0;
    sizes.forEach((size, p) => {
      for (; from < size; from++) levels[places[picks[from]!]!] = p;
      whole.push(size === all.length);
    });
    return { levels, firstSet, prefixes: sizes.length };
  });
  const area = momentArea(table.dim, whole.length, pairs);
  const scores = new Float64Array(shared(8 * pairs));
  return {
    ...{ rows, starts, orders, sets: whole.length, whole, terms, weights, origin, area, scores },
    ...{
      most: members.reduce((most, own) => Math.max(most, own.length), 1),
      resident: residentRows(table, residentBytes),
    },
  };
}

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
function sharesOf({ orders, whole, starts, rows }: PassSetup, members: readonly Int32Array[]): SetShare[] {
  const places = new Int32Array(rows.length);
  let small = 0;
  members.forEach((own, k) => {
    if (own.length <= GRAM_ROWS) for (let i = starts[k]!; i < starts[k + 1]!; i++) places[small++] = i;
  });
  const shares = groupsOf(orders, small).flatMap((group, g) => {
    const of = combinationsOf(group, places.subarray(0, small));
    const ends = new Int32Array(group.combinations);
    for (const combination of of) ends[combination]!++;
    for (let c = 1; c < ends.length; c++) ends[c]! += ends[c - 1]!;
    const sorted = new Int32Array(new SharedArrayBuffer(4 * small));
    const next = ends.slice();
    for (let i = small - 1; i >= 0; i--) sorted[--next[of[i]!]!] = rows[places[i]!]!;
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

/** The scores of those of up to a level, `size` of them; a loop, since this thread works while all others wait. */
function scoresWithin(scores: Float64Array, levels: Uint8Array, most: number, size: number): Float64Array {
  const own = new Float64Array(size);
  for (let at = 0, next = 0; at < levels.length; at++) if (levels[at]! <= most) own[next++] = scores[at]!;
  return own;
}

/** Small classes together, up to `most` pairs; a large class on its own. */
function rangesOf(members: readonly Int32Array[], most: number): ClassRange[] {
  const ranges: ClassRange[] = [];
  for (let first = 0; first < members.length;) {
    let end = first + 1;
    let size = members[first]!.length;
    if (size <= GRAM_ROWS)
      while (end < members.length && members[end]!.length <= GRAM_ROWS && size + members[end]!.length <= most)
        size += members[end++]!.length;
    ranges.push({ first, end });
    first = end;
  }
  // The longest first, so that no thread is left alone with one at the end.
  const length = ({ first, end }: ClassRange): number =>
    members.slice(first, end).reduce((sum, rows) => sum + rows.length, 0);
  return ranges
    .map((range) => ({ range, size: length(range) }))
    .sort((a, b) => b.size - a.size || a.range.first - b.range.first)
    .map(({ range }) => range);
}

/** One piece after another, in this thread. */
function here({ table, products, checkpoint }: EvaluationContext): RunPass {
  return async (setup, ranges, shares, onFound) => {
    const pass = new ClassPass(setup, table, products, checkpoint);
    for (const { first, end } of ranges) await onFound(await pass.measure(first, end));
    for (const share of shares) await pass.addShare(share);
    pass.end();
  };
}

/** What is found of one set, added up over the classes in their order. */
class SetTally {
  private readonly totals: PairTotals[] = [];
  private readonly picked: Int32Array;
  private readonly similarities: Float64Array;
  private readonly byClass: { errors: Float64Array; images: Float64Array; texts: Float64Array };
  private repeats = 0;

  constructor(
    private readonly set: number,
    private readonly context: EvaluationContext,
  ) {
    const classes = context.members.length;
    const zeros = (): Float64Array => new Float64Array(classes);
    this.picked = new Int32Array(classes);
    this.similarities = zeros();
    this.byClass = { errors: zeros(), images: zeros(), texts: zeros() };
  }

  add(found: FoundClasses): void {
    const { set } = this;
    const sets = found.repeats.length;
    for (let k = found.first, at = set; k < found.end; k++, at += sets) {
      this.picked[k] = found.counts[at]!;
      this.similarities[k] = found.similarities[at]!;
      this.byClass.errors[k] = found.errors[at]!;
      this.byClass.images[k] = found.imageDistances[at]!;
      this.byClass.texts[k] = found.textDistances[at]!;
    }
    this.repeats += found.repeats[set]!;
    this.totals.push(found.totals[set]!);
  }

  /** `parts` are the tallies of the sets that it is made of, `scores` are self_e of its pairs. */
  passed(parts: readonly SetTally[], scores: Float64Array): Omit<PassedSubset, 'parts'> {
    const { members, terms, weights } = this.context;
    const { picked, byClass, similarities } = this;
    let [pairs, covered, images, texts, errors, measured] = [0, 0, 0, 0, 0, 0];
    picked.forEach((count, k) => {
      const size = members[k]!.length;
      pairs += count;
      // One pair has no covariance: there is nothing to be near to.
      if (size > 1) {
        errors += size * byClass.errors[k]!;
        measured += size;
      }
      if (count === 0) return;
      covered++;
      images += byClass.images[k]!;
      texts += byClass.texts[k]!;
    });
    const totals = parts.flatMap((part) => part.totals);
    return {
      ...{ pairs, picked },
      classCovarianceError: measured ? errors / measured : 0,
      imageCentreDistance: covered ? images / covered : 0,
      textCentreDistance: covered ? texts / covered : 0,
      duplicateRate: this.repeats / Math.max(1, pairs),
      clipScore: scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length),
      objective: objectiveFrom(totals, similarities, picked, terms, weights),
      shape: { range: SCORE_RANGE, scores: scoreShares(scores), classes: classShares(picked, members) },
    };
  }
}
