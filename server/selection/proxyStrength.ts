import type { EmbeddingTable } from '../rows/pairBlock.js';
import { PairRows } from '../kernels/pairRows.js';
import type { ProxyStrength } from '../protocol/selection.js';
import { Random } from './random.js';

const SAMPLE = 2000;
const WEAK_BELOW = 0.7;

/**
 * Can this proxy tell matched from shuffled pairs of this dataset? AUC of ⟨v_i,l_i⟩ against ⟨v_i,l_j⟩, j ≠ i, on a
 * seeded sample of the given rows; ties count half. Mismatched captions in the data lower it, and should.
 */
export function proxyStrength(table: EmbeddingTable, rows: Int32Array, seed: number): ProxyStrength {
  const sample = new Random(seed).sample(rows, Math.min(SAMPLE, rows.length));
  if (sample.length < 2)
    return {
      auc: 0.5,
      sample: sample.length,
      warning: 'Fewer than two usable pairs: the proxy cannot be checked.',
    };
  const pairs = new PairRows(table, sample.length);
  pairs.load(sample);
  const matched = Float64Array.from(sample, (_, i) => pairs.similarity(i, i)).sort();
  // The next row of a random order is a random other row.
  const shuffled = Float64Array.from(sample, (_, i) => pairs.similarity(i, (i + 1) % sample.length)).sort();
  const auc = probabilityGreater(matched, shuffled);
  const warning =
    auc < WEAK_BELOW
      ? `The proxy model hardly tells matched from shuffled pairs of this data (AUC ${auc.toFixed(2)}, ` +
        `0.5 is chance): its scores, and a subset chosen by them, mean little here. Choose a model trained on data ` +
        `like yours (setting clipcov.model, flag --model).`
      : null;
  return { auc, sample: sample.length, warning };
}

/** P(a > b) + ½P(a = b) for values of two ascending lists. */
function probabilityGreater(a: Float64Array, b: Float64Array): number {
  let below = 0;
  let upTo = 0;
  let wins = 0;
  for (const value of a) {
    while (below < b.length && b[below]! < value) below++;
    upTo = Math.max(upTo, below);
    while (upTo < b.length && b[upTo]! <= value) upTo++;
    wins += (below + upTo) / 2;
  }
  return wins / (a.length * b.length);
}
