import { evaluateSubsets } from '../evaluation/evaluateSubset.js';
import { evaluationReport } from '../evaluation/measures.js';
import type { LabelledTask } from '../evaluation/labelledTask.js';
import type { EvaluationReport } from '../protocol/evaluation.js';
import type { Weights } from '../protocol/selection.js';
import { selectByClipScore, selectRandom } from '../selection/baselines.js';
import type { SelectionInput } from '../selection/selectionInput.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { heldOutNote, openEvaluation } from './evaluationContext.js';
import type { GroundSet } from './groundSet.js';
import type { ProgressReporter } from './progress.js';
import type { Workspace } from './workspace.js';

const RANDOM_SEEDS = 5;

/** The subset's measures beside random (5 seeds) and clip-score at the same budget, and the full data. */
export async function evaluateStep(
  name: string,
  rows: Int32Array,
  weights: Weights,
  ground: GroundSet,
  workspace: Workspace,
  context: JobContext,
  progress: ProgressReporter,
  tasks: LabelledTask[] = [],
): Promise<EvaluationReport> {
  progress.begin('evaluate', 'subsets');
  const evaluation = await openEvaluation(ground, weights, workspace, context, tasks);
  const { all } = evaluation;
  const input = (seed: number): SelectionInput => ({
    table: ground.table,
    labels: ground.labels,
    ...ground.prepared,
    weights,
    budget: Math.min(rows.length, all.length),
    seed,
    products: evaluation.products,
    checkpoint: evaluation.checkpoint,
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
  ];
  const orders: Int32Array[][] = [];
  for (const { subsets } of columns) orders.push(await subsets());
  const total = orders.flat().length + 1;
  progress.update(0, total);
  const { full, found } = await evaluateSubsets(
    orders.flat().map((own) => ({ rows: own, sizes: [own.length] })),
    evaluation,
    (done) => progress.update(done, total),
  );
  const runs = found.flat();
  const evaluated = columns.map(({ name }, i) => ({ name, runs: runs.splice(0, orders[i]!.length) }));
  evaluated.push({ name: 'all pairs', runs: [full] });
  return evaluationReport(evaluated, heldOutNote(evaluation.heldOut.length, ground.heldOut.length > 0));
}
