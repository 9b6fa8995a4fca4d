import type { Weights } from '../protocol/selection.js';
import { blockFor, blocksOf } from './blocks.js';
import { ClassPairs } from './classPairs.js';
import { greedyOrder, type ClassOrder, type ClassTask } from './greedy.js';
import type { SelectionInput } from './selectionInput.js';
import { blockTerms, lowerTo, noProducts, type TableTerms } from './tableTerms.js';
import type { TermContext } from './terms.js';

/** The two passes of ClipCov over the rows of a table: done here and now, or shared out among threads. */
export interface Passes {
  /** The static terms of every candidate. */
  terms(context: TermContext, labels: Int32Array, weights: Weights): Promise<TableTerms>;
  /** The greedy of each task, in any order; `onOrder` answers with the B-th best gain of all so far. */
  greedy(tasks: ClassTask[], onOrder: (task: number, order: ClassOrder) => Promise<number>): Promise<void>;
}

/** Both passes on this thread, with the rows of one block or one class in memory. */
export function ownPasses({ table, check }: Pick<SelectionInput, 'table' | 'check'>): Passes {
  return {
    async terms(context, labels, weights) {
      const terms: TableTerms = {
        attraction: new Float64Array(table.rows),
        cross: new Float64Array(table.rows),
        self: new Float64Array(table.rows),
        label: new Float64Array(table.rows),
        ...noProducts(context.sums.classes),
      };
      const pairs = blockFor(table, table.rows);
      for (const { first, count } of blocksOf(table.rows, pairs.capacity)) {
        check();
        pairs.loadRange(first, count);
        const own = labels.subarray(first, first + count);
        lowerTo(terms, blockTerms(pairs, first, own, context, weights, terms));
      }
      return terms;
    },
    async greedy(tasks, onOrder) {
      const pairs = new ClassPairs(
        table,
        tasks.reduce((most, { rows }) => Math.max(most, rows.length), 0),
      );
      let bound = -Infinity;
      for (const [i, task] of tasks.entries()) {
        bound = await onOrder(
          i,
          greedyOrder(pairs, task, () => bound, check),
        );
      }
    },
  };
}
