import type { ClassTask } from './greedy.js';
import { BestGains, mergeByHead, type ClassRun } from './merge.js';
import { ownPasses, type Passes } from './passes.js';
import { balanceTerm } from './objective.js';
import { countByClass } from './latentClasses.js';
import type { MeasuredPicks, SelectionInput, SelectionOrder } from './selectionInput.js';
import type { TableTerms } from './tableTerms.js';
import { balanceWeight, classShape, similarityShift } from './terms.js';
import { estimateThreshold, type ClassOutlook } from './threshold.js';

/**
 * The ClipCov greedy: one exact lazy greedy a class, merged by class head (method.md, "What makes it fast", points
 * 2 to 4). A first pass over all pairs computes the static terms, from which the gain of the last pick is estimated;
 * a second one runs the greedy of each class down to there. Where the estimate was too high it is lowered and the
 * second pass run again, so the picks do not depend on it. Pairs to include come first; every other gain is what it adds
 * to those.
 */
export async function selectClipcov(given: SelectionInput): Promise<SelectionOrder> {
  // A step before this one may have left some of them out.
  const include = given.include?.filter((row) => given.labels[row]! >= 0) ?? new Int32Array(0);
  const input = { ...given, include };
  const passes = input.passes ?? ownPasses(input);
  const terms = await passes.terms(input.context, input.labels, input.weights);
  const outlooks = classOutlooks(input, terms);
  let threshold = estimateThreshold(outlooks, input.budget);
  for (let gap = 0.01; ; gap *= 4) {
    const runs = await runClasses(input, passes, outlooks, threshold);
    const found = runs.reduce((sum, run) => sum + run.first + run.rows.length, 0);
    if (found >= input.budget || threshold === -Infinity) {
      const order = withIncluded(input, runs);
      return { ...order, measured: measurePicks(order, terms, input) };
    }
    threshold = gap < 1 ? threshold - gap : -Infinity;
  }
}

function classOutlooks({ members, context, weights }: SelectionInput, terms: TableTerms): ClassOutlook[] {
  return members.flatMap((rows, k) => {
    if (rows.length === 0) return [];
    const cross = gather(terms.cross, rows);
    const shape = classShape(k, context, { image: terms.leastImage[k]!, text: terms.leastText[k]! });
    return {
      ...shape,
      k,
      rows,
      attraction: gather(terms.attraction, rows),
      cross,
      self: gather(terms.self, rows),
      redundancy: weights.redundancy / rows.length,
      balance: weights.balance * balanceWeight(k, context),
      similarityShift: similarityShift(cross, shape),
    };
  });
}

/**
 * F and its terms, and the CLIP scores of the picks, without another look at them: gains add up to F, so its redundancy
 * is what the other terms leave of it.
 */
function measurePicks(
  { rows, gains }: SelectionOrder,
  terms: TableTerms,
  { labels, context, weights }: SelectionInput,
): MeasuredPicks {
  const clipScores = gather(terms.self, rows);
  const total = (column: Float64Array): number => gather(column, rows).reduce((sum, x) => sum + x, 0);
  const cross = weights.cross * total(terms.cross);
  const self = weights.self * clipScores.reduce((sum, x) => sum + x, 0);
  const label = weights.label * total(terms.label);
  const attraction = total(terms.attraction);
  const value = gains.reduce((sum, gain) => sum + gain, 0);
  const balance = balanceTerm(countByClass(labels, rows, context.sums.classes), context, weights);
  return {
    clipScores,
    objective: {
      value,
      terms: {
        ...{ cross, self, label, inter: attraction - cross - self - label },
        ...{ redundancy: value - attraction - balance, balance },
      },
    },
  };
}

/** A loop, since `from` with a function takes ten times as long. */
function gather(column: Float64Array, rows: Int32Array): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]!]!;
  return values;
}

/** What became of a class: the gains of its included pairs, in their order, and the run of the others. */
interface OutlookRun extends ClassRun {
  k: number;
  first: number;
  gainsOfFirst: Float64Array;
}

/** Included pairs in the order given, then the others merged. */
function withIncluded(
  { include, labels, budget }: SelectionInput & { include: Int32Array },
  runs: OutlookRun[],
): SelectionOrder {
  const first = include.subarray(0, budget);
  const others = mergeByHead(runs, budget - first.length);
  const next = new Map<number, { gains: Float64Array; at: number }>();
  for (const { k, gainsOfFirst } of runs) next.set(k, { gains: gainsOfFirst, at: 0 });
  const gains = Float64Array.from(first, (row) => {
    const own = next.get(labels[row]!)!;
    return own.gains[own.at++]!;
  });
  const picks = first.length + others.rows.length;
  const order = { rows: new Int32Array(picks), gains: new Float64Array(picks) };
  order.rows.set(first);
  order.rows.set(others.rows, first.length);
  order.gains.set(gains);
  order.gains.set(others.gains, first.length);
  return order;
}

/** The place of a row among rows that ascend. */
function positionOf(row: number, rows: Int32Array): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The greedy order of every class down to the threshold, or to the last gain that can still count. */
async function runClasses(
  { budget, include: first, labels, checkpoint }: SelectionInput & { include: Int32Array },
  passes: Passes,
  outlooks: ClassOutlook[],
  threshold: number,
): Promise<OutlookRun[]> {
  const best = new BestGains(Math.max(0, budget - first.length));
  const runs = new Array<OutlookRun>(outlooks.length);
  const total = outlooks.reduce((sum, { rows }) => sum + rows.length, 0);
  let done = 0;
  const tasks = outlooks.map((outlook): ClassTask => {
    const { rows, k } = outlook;
    const own = first.filter((row) => labels[row] === k);
    return { ...outlook, first: own.map((row) => positionOf(row, rows)), limit: budget, threshold };
  });
  await passes.greedy(tasks, async (c, { picks, gains }) => {
    const { rows, k } = outlooks[c]!;
    const own = Math.min(tasks[c]!.first.length, picks.length);
    const others = gains.subarray(own);
    runs[c] = {
      k,
      first: own,
      gainsOfFirst: gains.subarray(0, own),
      rows: picks.subarray(own).map((e) => rows[e]!),
      gains: others,
    };
    best.offerRun(others);
    done += rows.length;
    await checkpoint(done, total);
    return best.least;
  });
  return runs;
}
