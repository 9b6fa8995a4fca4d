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
 * second pass run again, so the picks do not depend on it.
 */
export async function selectClipcov(input: SelectionInput): Promise<SelectionOrder> {
  const passes = input.passes ?? ownPasses(input);
  const terms = await passes.terms(input.context, input.labels, input.weights);
  const outlooks = classOutlooks(input, terms);
  let threshold = estimateThreshold(outlooks, input.budget);
  for (let gap = 0.01; ; gap *= 4) {
    const runs = await runClasses(input, passes, outlooks, threshold);
    const found = runs.reduce((sum, run) => sum + run.rows.length, 0);
    if (found >= input.budget || threshold === -Infinity) {
      const order = mergeByHead(runs, input.budget);
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

/** The greedy order of every class down to the threshold, or to the budget-th best gain of all classes so far. */
async function runClasses(
  { budget, checkpoint }: SelectionInput,
  passes: Passes,
  outlooks: ClassOutlook[],
  threshold: number,
): Promise<ClassRun[]> {
  const best = new BestGains(budget);
  const runs = new Array<ClassRun>(outlooks.length);
  const total = outlooks.reduce((sum, { rows }) => sum + rows.length, 0);
  let done = 0;
  const tasks = outlooks.map((outlook): ClassTask => ({ ...outlook, limit: budget, threshold }));
  await passes.greedy(tasks, async (c, { picks, gains }) => {
    const { rows } = outlooks[c]!;
    runs[c] = { rows: picks.map((e) => rows[e]!), gains };
    best.offerRun(gains);
    done += rows.length;
    await checkpoint(done, total);
    return best.least;
  });
  return runs;
}
