import { objectiveFrom, type PairTotals } from '../selection/objective.js';
import type { Objective } from '../protocol/selection.js';
import { ClassPass, NO_PREFIX, type FoundClasses, type PassSetup, type SetShare } from './classPass.js';
import { residentRows } from './classRows.js';
import type { EvaluationContext, SubsetShape } from './evaluated.js';
import { momentArea, type MomentArea } from './momentArea.js';
import { ascending } from './pickedClass.js';
import { sharesOf } from './setShares.js';
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
