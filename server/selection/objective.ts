import type { EmbeddingTable } from '../rows/pairBlock.js';
import { ExactSums } from './exactSums.js';
import { addTo, joined, noTotal, type ExactTotal } from './exactTotal.js';
import type { PairRows } from '../kernels/pairRows.js';
import type { Objective, Weights } from '../protocol/selection.js';
import { blockFor, eachBlock } from './blocks.js';
import { classSums, type ClassSums } from './crossCovariance.js';
import { positionsByClass } from './latentClasses.js';
import type { MeasuredPicks } from './selectionInput.js';
import { balanceWeight, eachPairTerms, type PairTerms, type TermContext } from './terms.js';

/** The weighted terms of F(S) that are sums over pairs. */
export type PairTotals = Record<'cross' | 'self' | 'label' | 'inter', ExactTotal>;

/** What the objective needs of some of the pairs of S. */
export interface MeasuredBlock {
  totals: PairTotals;
  /** self_e of each pair, in their order. */
  scores: Float64Array;
}

/** F of some rows, their CLIP scores in the order given, and the class sums of them. */
export interface MeasuredRows extends MeasuredPicks {
  picked: ClassSums;
}

/** Measures the pairs loaded; `labels` are theirs. */
export function measureBlock(
  pairs: PairRows,
  labels: Int32Array,
  context: TermContext,
  weights: Weights,
): MeasuredBlock {
  const { classes } = context.sums;
  const totals = noTotals();
  const scores = new Float64Array(pairs.count);
  for (const { k, positions } of positionsByClass(labels, classes))
    eachPairTerms(pairs, positions, k, context, weights, (position, terms) => {
      addPair(totals, terms, weights);
      scores[position] = terms.self;
    });
  return { totals, scores };
}

/** −(β/2) Σ_k w̄_k |S_k|² / n_k */
export function balanceTerm(picked: Int32Array, context: TermContext, weights: Weights): number {
  let sum = 0;
  picked.forEach((size, k) => {
    if (size > 0)
      sum -= (weights.balance * balanceWeight(k, context) * size * size) / (2 * context.sums.counts[k]!);
  });
  return sum;
}

/** Adds the weighted terms of one pair. */
export function addPair(totals: PairTotals, terms: PairTerms, weights: Weights): void {
  addTo(totals.cross, weights.cross * terms.cross);
  addTo(totals.self, weights.self * terms.self);
  addTo(totals.label, weights.label * terms.label);
  addTo(totals.inter, -weights.inter * terms.inter);
}

export const noTotals = (): PairTotals => ({
  cross: noTotal(),
  self: noTotal(),
  label: noTotal(),
  inter: noTotal(),
});

/** F(S) from the totals of its blocks and the class sums of its pairs. */
export function objectiveOf(
  blocks: MeasuredBlock[],
  picked: ClassSums,
  context: TermContext,
  weights: Weights,
): Objective {
  const { counts, classes, dim } = picked;
  const similarity = new Float64Array(classes);
  for (let k = 0; k < classes; k++)
    for (let p = k * dim; p < (k + 1) * dim; p++) similarity[k]! += picked.images[p]! * picked.texts[p]!;
  const totals = blocks.map((block) => block.totals);
  return objectiveFrom(totals, similarity, counts, context, weights);
}

/** F(S) from totals of its pairs, and of each class ⟨Σ_{S_k} v, Σ_{S_k} l⟩ and |S_k|. */
export function objectiveFrom(
  totals: readonly PairTotals[],
  similarity: Float64Array,
  counts: Int32Array,
  context: TermContext,
  weights: Weights,
): Objective {
  const total = (term: keyof PairTotals): number => joined(totals.map((own) => own[term]));
  const terms = {
    ...{ cross: total('cross'), self: total('self'), label: total('label'), inter: total('inter') },
    ...{ redundancy: 0, balance: 0 },
  };
  counts.forEach((size, k) => {
    if (size > 0) terms.redundancy -= (weights.redundancy * similarity[k]!) / context.sums.counts[k]!;
  });
  terms.balance = balanceTerm(counts, context, weights);
  return { value: Object.values(terms).reduce((sum, value) => sum + value, 0), terms };
}

/**
 * F(S) of method.md for any set of rows, with each weighted term; the terms add up to the value. O(|S|·d): the
 * redundancy of a class is (λ/n_k)⟨Σ_{S_k} v, Σ_{S_k} l⟩.
 */
export async function measureRows(
  table: EmbeddingTable,
  labels: Int32Array,
  rows: Int32Array,
  context: TermContext,
  weights: Weights,
  checkpoint: () => Promise<void>,
): Promise<MeasuredRows> {
  const { classes, dim } = context.sums;
  const pairs = blockFor(table, rows.length, ExactSums.bytesNeeded(classes, dim));
  const sums = new ExactSums(pairs, classes);
  const blocks: MeasuredBlock[] = [];
  const order = rows.map((_, i) => i).sort((a, b) => rows[a]! - rows[b]!);
  const clipScores = new Float64Array(rows.length);
  let filled = 0;
  await eachBlock(
    pairs,
    order.map((i) => rows[i]!),
    (block) => {
      const own = block.map((row) => labels[row]!);
      const measured = measureBlock(pairs, own, context, weights);
      blocks.push(measured);
      sums.add(own);
      for (const score of measured.scores) clipScores[order[filled++]!] = score;
    },
    checkpoint,
  );
  const picked = classSums([sums.take()], classes, dim);
  return { objective: objectiveOf(blocks, picked, context, weights), clipScores, picked };
}
