import type { Objective, ProxyStrength, ValidParams } from '../protocol/contract.js';
import { candidates } from '../selection/baselines.js';
import { NO_CLASS } from '../selection/latentClasses.js';
import { methods } from '../selection/methods.js';
import { nearDuplicates } from '../selection/nearDuplicates.js';
import { prepareClasses } from '../selection/prepare.js';
import { proxyStrength } from '../selection/proxyStrength.js';
import type { SelectionOrder } from '../selection/selectionInput.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import type { GroundSet } from './groundSet.js';
import { breathe, type ProgressReporter } from './progress.js';
import type { Workspace } from './workspace.js';

export interface Choice {
  order: SelectionOrder;
  objective: Objective;
  /** self_e of each pick. */
  clipScores: Float64Array;
  proxy: ProxyStrength;
  /** How many pairs the near-duplicate filter left out. */
  nearDuplicates: number;
}

/** Proxy check, near-duplicate filter, then the method: on the ground set, `budget` pairs or all there are. */
export async function choose(
  ground: GroundSet,
  budget: number,
  params: Pick<ValidParams<'select'>, 'method' | 'weights' | 'seed' | 'nearDuplicates'>,
  workspace: Workspace,
  context: JobContext,
  progress: ProgressReporter,
): Promise<Choice> {
  const { table } = ground;
  const checkpoint = async (done: number, total: number): Promise<void> => {
    progress.update(done, total);
    await pause();
  };
  const pause = async (): Promise<void> => {
    throwIfCancelled(context);
    await breathe();
  };
  const products = await workspace.products(table.dim);
  progress.begin('select', 'pairs');
  const proxy = proxyStrength(table, candidates(ground.labels), params.seed);
  const labels = ground.labels.slice();
  let { prepared } = ground;
  let dropped = 0;
  if (params.nearDuplicates !== undefined) {
    const rows = await nearDuplicates(table, prepared.members, params.nearDuplicates, products, checkpoint);
    dropped = rows.length;
    for (const row of rows) labels[row] = NO_CLASS;
    prepared = await prepareClasses(table, labels, ground.classes, ground.classEmbeddings, checkpoint);
  }
  const available = prepared.members.reduce((sum, rows) => sum + rows.length, 0);
  const order = await methods[params.method]({
    table,
    labels,
    ...prepared,
    weights: params.weights,
    budget: Math.min(budget, available),
    seed: params.seed,
    checkpoint,
    check: () => throwIfCancelled(context),
    passes: ground.pool.passes(checkpoint),
    products,
  });
  const measured =
    order.measured ?? (await ground.pool.measure(order.rows, labels, prepared.context, params.weights));
  return {
    order,
    ...measured,
    proxy,
    nearDuplicates: dropped,
  };
}
