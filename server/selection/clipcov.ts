import { RowGatherer } from '../embeddings/pairBlock.js';
import { greedyOrder } from './greedy.js';
import { BestGains, mergeByHead, type ClassRun } from './merge.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { balanceWeight, pairTerms, similarityShift } from './terms.js';
import { estimateThreshold, reachable, type ClassOutlook } from './threshold.js';

/**
 * The ClipCov greedy: one exact lazy greedy a class, merged by class head (method.md, "What makes it fast", points
 * 2 to 4). One class is widened to float32 at a time. A first pass over the classes computes the static terms, from
 * which the gain of the last pick is estimated; a second one runs the greedy on the pairs that can get there. Where
 * the estimate was too high it is lowered and the second pass run again, so the picks do not depend on it.
 */
export async function selectClipcov(input: SelectionInput): Promise<SelectionOrder> {
  const { table, members, context, weights, budget } = input;
  const live = members.flatMap((rows, k) => (rows.length ? [{ k, rows }] : []));
  const outlooks: ClassOutlook[] = [];
  let done = 0;
  for (const { k, rows } of live) {
    await input.checkpoint(done, 2 * table.rows);
    done += rows.length;
    outlooks.push({
      terms: pairTerms(table, rows, k, context, weights),
      redundancy: weights.redundancy / rows.length,
      balance: weights.balance * balanceWeight(k, context),
    });
  }
  let threshold = estimateThreshold(outlooks, budget);
  for (let gap = 0.01; ; gap *= 4) {
    const runs = await runClasses(input, live, outlooks, threshold);
    const found = runs.reduce((sum, run) => sum + run.rows.length, 0);
    if (found >= budget || threshold === -Infinity) return mergeByHead(runs, budget);
    threshold = gap < 1 ? threshold - gap : -Infinity;
  }
}

/** The greedy order of every class down to the threshold, or to the budget-th best gain of all classes so far. */
async function runClasses(
  input: SelectionInput,
  live: { rows: Int32Array }[],
  outlooks: ClassOutlook[],
  threshold: number,
): Promise<ClassRun[]> {
  const best = new BestGains(input.budget);
  const gatherer = new RowGatherer(input.table);
  const runs: ClassRun[] = [];
  let done = input.table.rows;
  for (const [i, { rows }] of live.entries()) {
    await input.checkpoint(done, 2 * input.table.rows);
    done += rows.length;
    const { terms, redundancy, balance } = outlooks[i]!;
    const shift = similarityShift(terms);
    const positions = reachable(outlooks[i]!, shift, threshold, input.budget);
    const order = greedyOrder(gatherer.gather(positions.map((e) => rows[e]!)), {
      attraction: Float64Array.from(positions, (e) => terms.attraction[e]!),
      self: Float64Array.from(positions, (e) => terms.self[e]!),
      classSize: rows.length,
      redundancy,
      balance,
      similarityShift: shift,
      limit: input.budget,
      accept: (least) => least >= threshold && best.offer(least),
      check: input.check,
    });
    runs.push({ rows: Int32Array.from(order.picks, (e) => rows[positions[e]!]!), gains: order.gains });
  }
  return runs;
}
