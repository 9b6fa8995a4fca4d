import type { EmbeddingTable } from '../embeddings/pairBlock.js';
import { PairKernels } from '../kernels/pairKernels.js';
import type { Objective, Weights } from '../protocol/contract.js';
import { rowsByClass } from './latentClasses.js';
import { balanceWeight, pairTerms, type TermContext } from './terms.js';

/**
 * F(S) of method.md for any set of rows, with each weighted term; the terms add up to the value. O(|S|·d): the
 * redundancy of a class is (λ/n_k)⟨Σ_{S_k} v, Σ_{S_k} l⟩.
 */
export function objective(
  table: EmbeddingTable,
  labels: Int32Array,
  rows: Int32Array,
  context: TermContext,
  weights: Weights,
): Objective {
  const kernels = PairKernels.of(table);
  const { classes, counts } = context.sums;
  const terms = { cross: 0, self: 0, label: 0, inter: 0, redundancy: 0, balance: 0 };
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  rowsByClass(labels, classes, rows).forEach((picked, k) => {
    if (picked.length === 0) return;
    const own = pairTerms(kernels, picked, k, context, weights);
    terms.cross += weights.cross * total(own.cross);
    terms.self += weights.self * total(own.self);
    terms.label += weights.label * total(own.label);
    terms.inter -= weights.inter * total(own.inter);
    kernels.clearSums();
    for (const row of picked) kernels.addToSums(row);
    const { images, texts } = kernels.sums();
    const similarity = images.reduce((sum, value, j) => sum + value * texts[j]!, 0);
    terms.redundancy -= (weights.redundancy * similarity) / counts[k]!;
    terms.balance -=
      (weights.balance * balanceWeight(k, context) * picked.length * picked.length) / (2 * counts[k]!);
  });
  return { value: Object.values(terms).reduce((sum, value) => sum + value, 0), terms };
}
