import { gatherRows } from '../embeddings/pairBlock.js';
import { greedyOrder } from './greedy.js';
import { BestGains, mergeByHead, type ClassRun } from './merge.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { balanceWeight, pairTerms } from './terms.js';

/**
 * The ClipCov greedy: one exact lazy greedy a class, merged by class head (method.md, "What makes it fast", points
 * 2 to 4). One class is widened to float32 at a time. A class ends as soon as its running least gain is below the
 * budget-th best seen in any class: nothing it could still give would be among the picks.
 */
export async function selectClipcov(input: SelectionInput): Promise<SelectionOrder> {
  const { table, members, context, weights, budget } = input;
  const best = new BestGains(budget);
  const runs: ClassRun[] = [];
  let done = 0;
  for (const [k, rows] of members.entries()) {
    await input.checkpoint(done, table.rows);
    done += rows.length;
    if (rows.length === 0) continue;
    const block = gatherRows(table, rows);
    const terms = pairTerms(block, k, context, weights);
    const order = greedyOrder(block, terms, {
      redundancy: weights.redundancy,
      balance: weights.balance * balanceWeight(k, context),
      limit: budget,
      accept: (least) => best.offer(least),
      check: input.check,
    });
    runs.push({ rows: Int32Array.from(order.picks, (e) => rows[e]!), gains: order.gains });
  }
  return mergeByHead(runs, budget);
}
