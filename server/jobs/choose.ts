import { throwIfCancelled, type JobContext } from '../context.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import type { Objective, ProxyStrength, ValidParams } from '../protocol/contract.js';
import { candidates } from '../selection/baselines.js';
import { constrained } from '../selection/constraints.js';
import { NO_CLASS } from '../selection/latentClasses.js';
import { parsePipeline } from '../selection/pipeline.js';
import { prepareClasses } from '../selection/prepare.js';
import { proxyStrength } from '../selection/proxyStrength.js';
import { runPipeline } from '../selection/runPipeline.js';
import type { SelectionInput, SelectionOrder } from '../selection/selectionInput.js';
import type { GroundSet } from './groundSet.js';
import { breathe, type ProgressReporter } from './progress.js';
import { openEarly, readTarget, rowsInFile } from './selectionAids.js';
import type { Workspace } from './workspace.js';

export interface Choice {
  order: SelectionOrder;
  objective: Objective;
  /** self_e of each pick. */
  clipScores: Float64Array;
  proxy: ProxyStrength;
  /** How many pairs the near-duplicate filters left out. */
  nearDuplicates: number;
}

/** Proxy check, lists and filters, then the method's steps: on the ground set, `budget` pairs or all there are. */
export async function choose(
  ground: GroundSet,
  store: EmbeddingStore,
  budget: number,
  params: ValidParams<'select'>,
  workspace: Workspace,
  context: JobContext,
  progress: ProgressReporter,
): Promise<Choice> {
  const { table, pool } = ground;
  const steps = parsePipeline(params.method);
  if (params.nearDuplicates !== undefined)
    steps.unshift([{ name: 'near-duplicates', amount: String(params.nearDuplicates) }]);
  const products = await workspace.products(table.dim);
  progress.begin('select', 'pairs');
  const checkpoint = async (done: number, total: number): Promise<void> => {
    throwIfCancelled(context);
    progress.update(Math.min(done, total), total);
    await breathe();
  };
  const proxy = proxyStrength(table, candidates(ground.labels), params.seed);
  const include = await rowsInFile(params.include, store);
  const labels = ground.labels.slice();
  for (const row of await rowsInFile(params.exclude, store)) labels[row] = NO_CLASS;
  const changed = params.exclude !== undefined;
  const prepared = changed
    ? await prepareClasses(table, labels, ground.classes, ground.classEmbeddings, checkpoint)
    : ground.prepared;
  const early = params.early === undefined ? null : await openEarly(params.early, store, workspace, context);
  try {
    const available = prepared.members.reduce((sum, rows) => sum + rows.length, 0);
    const bound = include.length > 0 || params.classQuota !== undefined;
    const input: SelectionInput = {
      table,
      labels: changed ? labels : ground.labels,
      ...prepared,
      weights: params.weights,
      // A quota may refuse any of the first: then all are ranked.
      budget: bound ? available : Math.min(budget, available),
      seed: params.seed,
      checkpoint,
      check: () => throwIfCancelled(context),
      passes: pool.passes(checkpoint),
      products,
      ...(params.target !== undefined && { target: readTarget(params.target, params.norm, table.dim) }),
      ...(early && { early: early.early }),
    };
    const result = await runPipeline(steps, input, ground.valid);
    const sizes = result.prepared.members.map((rows) => rows.length);
    const constraints = {
      include: include.filter((row) => ground.labels[row]! >= 0),
      classQuota: params.classQuota ?? null,
    };
    const order = bound ? constrained(result.order, ground.labels, sizes, constraints, budget) : result.order;
    const measured =
      order.measured ??
      (await pool.measure(
        order.rows,
        ground.labels,
        // Included pairs may be of a class that the steps left nothing of.
        (bound ? ground : result).prepared.context,
        params.weights,
      ));
    return { order, ...measured, proxy, nearDuplicates: result.nearDuplicates };
  } finally {
    await early?.close();
  }
}
