import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { PairRows } from '../kernels/pairRows.js';
import type { Objective, Weights } from '../protocol/selection.js';
import { blockFor, eachBlock } from './blocks.js';
import { balanceWeight, eachPairTerms, type TermContext } from './terms.js';
import { unitImages } from './unitRows.js';

/**
 * The marginal gain F(S ∪ {e}) − F(S) of one row of class `k` by its weighted terms, which add up to it (method.md,
 * "What makes it fast", point 1). `before` is S_k: the rows of the class that were there before it.
 */
export async function marginalGain(
  table: EmbeddingTable,
  row: number,
  k: number,
  before: Int32Array,
  context: TermContext,
  weights: Weights,
): Promise<Objective> {
  const pairs = blockFor(table, Math.max(1, before.length));
  pairs.clearSums();
  await eachBlock(
    pairs,
    before,
    (block) => block.forEach((_, i) => pairs.addToSums(i)),
    async () => undefined,
  );
  pairs.load([row]);
  const similarity = pairs.similarityToSums(0);
  const size = context.sums.counts[k]!;
  const terms = { cross: 0, self: 0, label: 0, inter: 0, redundancy: 0, balance: 0 };
  eachPairTerms(pairs, Int32Array.of(0), k, context, weights, (_, own) => {
    terms.cross = weights.cross * own.cross;
    terms.self = weights.self * own.self;
    terms.label = weights.label * own.label;
    terms.inter = -weights.inter * own.inter;
    terms.redundancy = -(weights.redundancy / size) * (similarity + own.self);
  });
  terms.balance = (-weights.balance * balanceWeight(k, context) * (2 * before.length + 1)) / (2 * size);
  return { value: Object.values(terms).reduce((sum, value) => sum + value, 0), terms };
}

/** A row and how like its image is to another. */
export interface NearImage {
  row: number;
  cosine: number;
}

/** The rows among the given ones whose images are most like that of `row`, itself left out; ties to the first. */
export async function nearestImages(
  table: EmbeddingTable,
  row: number,
  among: Int32Array,
  count: number,
  check: () => Promise<void>,
): Promise<NearImage[]> {
  const own = unitImages(table, [row]);
  const pairs: PairRows = blockFor(table, Math.max(1, among.length));
  let nearest: NearImage[] = [];
  await eachBlock(
    pairs,
    among,
    (block) => {
      const images = unitImages(table, block);
      for (const [i, other] of block.entries()) {
        if (other === row) continue;
        let cosine = 0;
        for (let j = 0, at = i * table.dim; j < table.dim; j++, at++) cosine += own[j]! * images[at]!;
        if (nearest.length === count && cosine <= nearest.at(-1)!.cosine) continue;
        nearest.push({ row: other, cosine });
        nearest = nearest.sort((a, b) => b.cosine - a.cosine).slice(0, count);
      }
    },
    check,
  );
  return nearest;
}
