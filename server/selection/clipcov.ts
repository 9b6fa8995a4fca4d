import { PairKernels } from '../kernels/pairKernels.js';
import { greedyOrder } from './greedy.js';
import { BestGains, mergeByHead, type ClassRun } from './merge.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { balanceWeight, pairTerms, similarityShift } from './terms.js';
import { estimateThreshold, type ClassOutlook } from './threshold.js';

/**
 * The ClipCov greedy: one exact lazy greedy a class, merged by class head (method.md, "What makes it fast", points
 * 2 to 4). A first pass over the classes computes the static terms, from which the gain of the last pick is estimated;
 * a second one runs the greedy of each class down to there. Where the estimate was too high it is lowered and the
 * second pass run again, so the picks do not depend on it.
 */
export async function selectClipcov(input: SelectionInput): Promise<SelectionOrder> {
  const { table, members, context, weights, budget } = input;
  const kernels = PairKernels.of(table);
  const live = members.flatMap((rows, k) => (rows.length ? [{ k, rows }] : []));
  const outlooks: ClassOutlook[] = [];
  let done = 0;
  for (const { k, rows } of live) {
    await input.checkpoint(done, 2 * table.rows);
    done += rows.length;
    outlooks.push({
      rows,
      terms: pairTerms(kernels, rows, k, context, weights),
      redundancy: weights.redundancy / rows.length,
      balance: weights.balance * balanceWeight(k, context),
    });
  }
  let threshold = estimateThreshold(outlooks, budget);
  for (let gap = 0.01; ; gap *= 4) {
    const runs = await runClasses(input, outlooks, threshold);
    const found = runs.reduce((sum, run) => sum + run.rows.length, 0);
    if (found >= budget || threshold === -Infinity) return mergeByHead(runs, budget);
    threshold = gap < 1 ? threshold - gap : -Infinity;
  }
}

/** The greedy order of every class down to the threshold, or to the budget-th best gain of all classes so far. */
async function runClasses(
  input: SelectionInput,
  outlooks: ClassOutlook[],
  threshold: number,
): Promise<ClassRun[]> {
  const best = new BestGains(input.budget);
  const kernels = PairKernels.of(input.table);
  const runs: ClassRun[] = [];
  let done = input.table.rows;
  for (const { rows, terms, redundancy, balance } of outlooks) {
    await input.checkpoint(done, 2 * input.table.rows);
    done += rows.length;
    const order = greedyOrder(kernels, {
      rows,
      attraction: terms.attraction,
      self: terms.self,
      redundancy,
      balance,
      similarityShift: similarityShift(terms),
      limit: input.budget,
      accept: (least) => least >= threshold && best.offer(least),
      check: input.check,
    });
    runs.push({ rows: Int32Array.from(order.picks, (e) => rows[e]!), gains: order.gains });
  }
  return runs;
}
