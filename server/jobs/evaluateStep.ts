import type { EvaluationContext } from '../evaluation/evaluated.js';
import { evaluateSubset } from '../evaluation/evaluateSubset.js';
import { evaluationReport } from '../evaluation/measures.js';
import { heldOutPairs, sampleOf } from '../evaluation/linearRetrieval.js';
import { moments } from '../evaluation/moments.js';
import { leadingSingular } from '../evaluation/singular.js';
import type { EvaluationReport, Weights } from '../protocol/contract.js';
import { candidates, selectByClipScore, selectRandom } from '../selection/baselines.js';
import type { SelectionInput } from '../selection/selectionInput.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import type { GroundSet } from './groundSet.js';
import { breathe, type ProgressReporter } from './progress.js';
import type { Workspace } from './workspace.js';

const RANDOM_SEEDS = 5;
/** Leading directions that are compared. */
const LEADING = 32;
/** Of the pairs that linear CLIP is tried on: the same for every subset of a dataset. */
const HELD_OUT_SEED = 0;

/** The subset's measures beside random (5 seeds) and clip-score at the same budget, and the full data. */
export async function evaluateStep(
  name: string,
  rows: Int32Array,
  weights: Weights,
  ground: GroundSet,
  workspace: Workspace,
  context: JobContext,
  progress: ProgressReporter,
): Promise<EvaluationReport> {
  const { table, labels } = ground;
  const all = candidates(labels);
  const { members, context: terms } = ground.prepared;
  const products = await workspace.products(table.dim);
  const pause = async (): Promise<void> => {
    throwIfCancelled(context);
    await breathe();
  };
  const origin = {
    image: meanRow(terms.sums.images, all.length),
    text: meanRow(terms.sums.texts, all.length),
  };
  function meanRow(sums: Float64Array, count: number): Float64Array {
    const mean = new Float64Array(table.dim);
    sums.forEach((value, i) => (mean[i % table.dim]! += value / Math.max(1, count)));
    return mean;
  }
  progress.begin('evaluate', 'subsets');
  const full = await moments(table, all, origin, products, pause);
  const evaluation: EvaluationContext = {
    table,
    labels,
    all,
    full,
    leading: leadingSingular(full.crossCovariance, LEADING),
    heldOut: ground.heldOut.length
      ? sampleOf(ground.heldOut, HELD_OUT_SEED)
      : heldOutPairs(all, HELD_OUT_SEED),
    members,
    terms,
    weights,
    products,
    checkpoint: pause,
  };
  const input = (seed: number): SelectionInput => ({
    table,
    labels,
    members,
    context: terms,
    weights,
    budget: Math.min(rows.length, all.length),
    seed,
    products,
    checkpoint: pause,
    check: () => throwIfCancelled(context),
  });
  const columns = [
    { name, subsets: async () => [rows] },
    {
      name: 'random',
      subsets: async () =>
        Promise.all(
          Array.from({ length: RANDOM_SEEDS }, async (_, seed) => (await selectRandom(input(seed))).rows),
        ),
    },
    { name: 'clip-score', subsets: async () => [(await selectByClipScore(input(0))).rows] },
    { name: 'all pairs', subsets: async () => [all] },
  ];
  const total = columns.length - 1 + RANDOM_SEEDS;
  let done = 0;
  const evaluated: Parameters<typeof evaluationReport>[0] = [];
  for (const column of columns) {
    const runs = [];
    for (const subset of await column.subsets()) {
      progress.update(done, total);
      runs.push(await evaluateSubset(subset, evaluation));
      progress.update(++done, total);
    }
    evaluated.push({ name: column.name, runs });
  }
  return evaluationReport(evaluated, heldOutNote(evaluation.heldOut.length, ground.heldOut.length > 0));
}

function heldOutNote(pairs: number, keptOut: boolean): string | null {
  if (pairs === 0) return null;
  const count = pairs.toLocaleString('en-US');
  return keptOut
    ? `Linear CLIP is tried on ${count} pairs that were kept out of selection (--holdout).`
    : `Linear CLIP is tried on ${count} pairs that selection could pick; it is fitted on each set without those of them that it holds.`;
}
