import { throwIfCancelled, type JobContext } from '../context.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import type { ValidParams } from '../protocol/contract.js';
import type { Objective, ProxyStrength } from '../protocol/selection.js';
import { candidates } from '../selection/baselines.js';
import { constrained, type Constraints } from '../selection/constraints.js';
import { NO_CLASS } from '../selection/latentClasses.js';
import { parsePipeline, type Pipeline } from '../selection/pipeline.js';
import { prepareClasses } from '../selection/prepare.js';
import { proxyStrength } from '../selection/proxyStrength.js';
import { runPipeline } from '../selection/runPipeline.js';
import type { SelectionInput, SelectionOrder } from '../selection/selectionInput.js';
import type { GroundSet } from './groundSet.js';
import { breathe, type ProgressReporter } from './progress.js';
import { rowsOfFindings } from './keptReport.js';
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
  /** The choice of the first `picks`: orders are nested, so it is that of a smaller budget. */
  first(picks: number): Promise<Choice>;
}

/** What a selection depends on besides the ground set and its budget. */
export type ChoiceParams = Pick<
  ValidParams<'select'>,
  | 'method'
  | 'weights'
  | 'seed'
  | 'nearDuplicates'
  | 'target'
  | 'norm'
  | 'early'
  | 'include'
  | 'exclude'
  | 'classQuota'
> & { excludeFindings?: string[] | undefined };

export interface ChoiceTools {
  ground: GroundSet;
  store: EmbeddingStore;
  workspace: Workspace;
  context: JobContext;
  progress: ProgressReporter;
}

/** The steps of a selection and what they start from; `close` it when done. */
export interface OpenedChoice {
  steps: Pipeline;
  input: SelectionInput;
  constraints: Constraints;
  /** Whether lists or quotas decide besides the method. */
  constrained: boolean;
  close(): Promise<void>;
}

export async function openChoice(
  params: ChoiceParams,
  budget: number,
  { ground, store, workspace, context, progress }: ChoiceTools,
): Promise<OpenedChoice> {
  const { table, pool } = ground;
  const steps = parsePipeline(params.method);
  if (params.nearDuplicates !== undefined)
    steps.unshift([{ name: 'near-duplicates', amount: String(params.nearDuplicates) }]);
  const checkpoint = async (done: number, total: number): Promise<void> => {
    throwIfCancelled(context);
    progress.update(Math.min(done, total), total);
    await breathe();
  };
  const include = await rowsInFile(params.include, store);
  const labels = ground.labels.slice();
  for (const row of await rowsInFile(params.exclude, store)) labels[row] = NO_CLASS;
  const findings = params.excludeFindings ?? [];
  if (findings.length > 0)
    for (const row of await rowsOfFindings(workspace.home, findings, ground.fingerprint))
      labels[row] = NO_CLASS;
  const changed = params.exclude !== undefined || findings.length > 0;
  const prepared = changed
    ? await prepareClasses(table, labels, ground.classes, ground.classEmbeddings, checkpoint)
    : ground.prepared;
  const early = params.early === undefined ? null : await openEarly(params.early, store, workspace, context);
  const available = prepared.members.reduce((sum, rows) => sum + rows.length, 0);
  const bound = include.length > 0 || params.classQuota !== undefined;
  // A quota may refuse any of the first: then all are ranked. Pairs to include may be among the first, or not.
  const ranked = params.classQuota === undefined ? budget + include.length : available;
  return {
    steps,
    input: {
      table,
      labels: changed ? labels : ground.labels,
      ...prepared,
      weights: params.weights,
      budget: Math.min(ranked, available),
      include: include.filter((row) => labels[row]! >= 0),
      subsetSize: Math.min(budget, available),
      seed: params.seed,
      checkpoint,
      check: () => throwIfCancelled(context),
      passes: pool.passes(checkpoint),
      products: await workspace.products(table.dim),
      ...(params.target !== undefined && { target: readTarget(params.target, params.norm, table.dim) }),
      ...(early && { early: early.early }),
    },
    constraints: {
      include: include.filter((row) => ground.labels[row]! >= 0),
      classQuota: params.classQuota ?? null,
    },
    constrained: bound,
    close: async () => early?.close(),
  };
}

/** Proxy check, lists and filters, then the method's steps: on the ground set, `budget` pairs or all there are. */
export async function choose(params: ChoiceParams, budget: number, tools: ChoiceTools): Promise<Choice> {
  const { ground, progress } = tools;
  progress.begin('select', 'pairs');
  const proxy = proxyStrength(ground.table, candidates(ground.labels), params.seed);
  const opened = await openChoice(params, budget, tools);
  try {
    const result = await runPipeline(opened.steps, opened.input, ground.valid);
    const sizes = result.input.members.map((rows) => rows.length);
    const order = opened.constrained
      ? constrained(result.order, ground.labels, sizes, opened.constraints, budget)
      : result.order;
    // Included pairs may be of a class that the steps left nothing of.
    const { context } = opened.constrained ? ground.prepared : result.input;
    const { nearDuplicates } = result;
    const choiceOf = async ({ measured, ...own }: SelectionOrder): Promise<Choice> => {
      const { objective, clipScores } =
        measured ?? (await ground.pool.measure(own.rows, ground.labels, context, params.weights));
      return {
        order: own,
        objective,
        clipScores,
        proxy,
        nearDuplicates,
        first: (picks) => choiceOf({ rows: own.rows.slice(0, picks), gains: own.gains.slice(0, picks) }),
      };
    };
    return await choiceOf(order);
  } finally {
    await opened.close();
  }
}
