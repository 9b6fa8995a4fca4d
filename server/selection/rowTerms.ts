import type { Weights } from '../protocol/selection.js';
import { blockFor, eachBlock } from './blocks.js';
import type { SelectionInput } from './selectionInput.js';
import { eachPairTerms, type PairTerms } from './terms.js';

/** Reads rows of class `k`, and visits them in their order with their terms; these are valid until the next. */
export async function eachRowTerms(
  { table, context, check }: Pick<SelectionInput, 'table' | 'context' | 'check'>,
  k: number,
  rows: Int32Array,
  weights: Weights,
  visit: (terms: PairTerms) => void,
): Promise<void> {
  const pairs = blockFor(table, rows.length);
  await eachBlock(
    pairs,
    rows,
    (block) => {
      const positions = block.map((_, i) => i);
      eachPairTerms(pairs, positions, k, context, weights, (_, terms) => visit(terms));
    },
    async () => check(),
  );
}
