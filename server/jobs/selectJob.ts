import { join, resolve } from 'node:path';
import type { EmbeddingStore } from '../embeddings/store.js';
import { metadataOf } from '../export/describedRows.js';
import { writePicks } from '../export/picks.js';
import type { Device } from '../engine/device.js';
import { amendSubset, saveSubset } from '../export/saveSubset.js';
import { pathInDocument, SUBSET_EXTENSION, type SubsetDocument } from '../export/subsetDocument.js';
import type { RowPool } from '../parallel/rowPool.js';
import type { ValidParams } from '../protocol/contract.js';
import type { DeviceReport } from '../protocol/progress.js';
import type { SelectionReport } from '../protocol/selection.js';
import { budgetsOf } from '../selection/budget.js';
import { parsePipeline } from '../selection/pipeline.js';
import type { SelectionOrder } from '../selection/selectionInput.js';
import { shortfallWarning } from './budgetWarnings.js';
import { choose, type Choice } from './choose.js';
import { classRecord } from './classSource.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { lossWarnings } from './lossWarnings.js';
import { mixedDevices } from './mixedDevices.js';
import { evaluateStep } from './evaluateStep.js';
import type { GroundSet } from './groundSet.js';
import { holdoutShare } from './holdout.js';
import { openGround, type OpenedGround } from './openGround.js';
import { mayTake, ownNames } from './ownName.js';
import { ProgressReporter } from './progress.js';
import { storeSkips } from './skipped.js';
import { Stopwatch } from './stopwatch.js';
import { isPath, subsetsFolder } from './subsetsFolder.js';
import { openWorkspace, type Devices, type Workspace } from './workspace.js';

const EXAMPLES = 20;

/** A selection with what only the command line prints: the picks themselves, as rows of the store. */
export interface Selected {
  report: SelectionReport;
  order: SelectionOrder & { ids: number[] };
}

export async function selectJob(
  params: ValidParams<'select'>,
  context: JobContext,
): Promise<SelectionReport> {
  return (await select(params, context)).report;
}

/** The main job: embed what is not embedded, select, save, and evaluate where asked. */
export async function select(
  params: ValidParams<'select'>,
  context: JobContext,
  devices?: Devices,
): Promise<Selected> {
  // A budget that is no budget is refused before hours of embedding; how many pairs there are is known after.
  budgetsOf(params.budget, Number.MAX_SAFE_INTEGER);
  parsePipeline(params.method);
  const workspace = await openWorkspace(params, context, devices);
  try {
    return await selectFrom(workspace, params, context);
  } finally {
    await workspace.release();
  }
}

/**
 * The same in a workspace that is open; `notes` are said among the subset's warnings, and `check` may refuse the pairs that
 * are to be chosen from.
 */
export async function selectFrom(
  workspace: Workspace,
  params: ValidParams<'select'>,
  context: JobContext,
  notes: string[] = [],
  check: (ground: GroundSet) => void = () => undefined,
): Promise<Selected> {
  const progress = new ProgressReporter(context);
  const stopwatch = new Stopwatch();
  let pool: RowPool | undefined;
  try {
    const opened = await openGround(
      { ...params, memory: params.memory * 2 ** 30 },
      workspace,
      context,
      progress,
      stopwatch,
    );
    const { ground, store } = opened;
    pool = ground.pool;
    check(ground);
    const budgets = budgetsOf(params.budget, ground.valid);
    const largest = budgets.at(-1)!;
    const choice = await stopwatch.time('select', () =>
      choose(params, largest.pairs, { ground, store, workspace, context, progress }),
    );
    const { name: deviceName, report: device } = await workspace.device();
    progress.begin('write', 'files');
    const place = await subsetsFolder(workspace, params);
    const mixed = await mixedDevices(store);
    const saved: { budget: string; subset: string; document: SubsetDocument; ids: number[] }[] = [];
    for (const { text, pairs } of budgets)
      await stopwatch.time('write', async () => {
        throwIfCancelled(context);
        const own = pairs === largest.pairs ? choice : await choice.first(pairs);
        const one = { ...params, budget: text };
        const usual = subsetPath(one, place.folder, budgets.length > 1);
        const described = describe(one, usual, workspace, opened, own, pairs, deviceName, device);
        described.warnings.push(...notes, ...mixed);
        const name = params.out === undefined ? ownNames(usual) : usual;
        saved.push({ budget: text, ...(await save(name, described, own, ground, store)) });
        progress.update(saved.length, budgets.length);
      });
    const { subset, document, ids } = saved.at(-1)!;
    progress.saved(subset);
    progress.update(budgets.length, budgets.length);
    if (params.evaluate) {
      document.evaluation = await stopwatch.time('evaluate', () =>
        evaluateStep(params.method, choice.order.rows, params.weights, ground, workspace, context, progress),
      );
      await amendSubset(subset, document);
    }
    const report: SelectionReport = {
      subset,
      subsets: saved.map((one) => ({ budget: one.budget, subset: one.subset })),
      method: params.method,
      pairs: document.dataset.pairs,
      picks: document.picks,
      classes: document.classes.description,
      skipped: document.skipped,
      exactDuplicates: document.exactDuplicates.total,
      nearDuplicates: document.nearDuplicates,
      objective: document.objective,
      proxy: document.proxy,
      device,
      seconds: stopwatch.seconds,
      // Where it lies is this machine's affair, and stands in no document.
      warnings: [...document.warnings, ...place.warnings],
      evaluation: document.evaluation,
    };
    return { report, order: { ...choice.order, ids } };
  } finally {
    await pool?.close();
  }
}

/** `--out NAME` or `--out PATH`, with the budget behind it where there are several; without it `<method>-<budget>`, as it is usual. */
function subsetPath(params: ValidParams<'select'>, folder: string, several: boolean): string {
  const budget = params.budget.trim().replace(/\s*%/, 'pct');
  const method = params.method.replace(/%/g, 'pct').replace(/[^\w.-]+/g, '-');
  const given = params.out?.endsWith(SUBSET_EXTENSION)
    ? params.out.slice(0, -SUBSET_EXTENSION.length)
    : params.out;
  const name = given === undefined ? `${method}-${budget}` : several ? `${given}-${budget}` : given;
  const file = `${name}${SUBSET_EXTENSION}`;
  return isPath(file) ? resolve(file) : join(folder, file);
}

function describe(
  params: ValidParams<'select'>,
  subset: string,
  workspace: Workspace,
  { store, classSource, ground }: OpenedGround,
  choice: Choice,
  budget: number,
  device: Device['name'],
  { lost = [], ...report }: DeviceReport,
): SubsetDocument {
  const { source } = workspace;
  const place = (path: string | undefined): string | null =>
    path === undefined ? null : pathInDocument(subset, resolve(path));
  const warnings = choice.proxy.warning ? [choice.proxy.warning] : [];
  if (device !== 'cpu')
    warnings.push(
      `This was computed on ${device}. Another device rounds otherwise: pairs whose values differ by no more than that may change places.`,
    );
  warnings.push(...lossWarnings({ lost, ...report }));
  if (choice.order.rows.length < budget) warnings.push(shortfallWarning(budget, choice.order.rows.length));
  return {
    schema: 1,
    // Known once they are written.
    ...{ picksFile: '', picksSha256: '' },
    source: pathInDocument(subset, source.kind === 'store' ? source.root : source.path),
    imageRoot: source.kind === 'store' ? null : pathInDocument(subset, source.root),
    kind: source.kind,
    dataset: { pairs: store.plan?.pairs ?? store.rows, valid: ground.valid, fingerprint: ground.fingerprint },
    model: store.plan && { name: store.plan.model.name, fingerprint: store.plan.model.fingerprint },
    device: [...lost.map((one) => one.device), device].join(', then '),
    ...(lost.length > 0 && { devicesLost: lost }),
    parameters: {
      method: params.method,
      budget: params.budget,
      seed: params.seed,
      weights: params.weights,
      nearDuplicates: params.nearDuplicates ?? null,
      norm: params.norm,
      classQuota: params.classQuota ?? null,
      embeddings: params.embeddings ?? null,
      target: place(params.target),
      early: place(params.early),
      include: place(params.include),
      exclude: place(params.exclude),
      ...(params.excludeFindings.length > 0 && { excludeFindings: params.excludeFindings }),
      holdout:
        params.holdout !== undefined && holdoutShare(params.holdout) !== null
          ? params.holdout.trim()
          : place(params.holdout),
    },
    classes: classRecord(classSource, ground.classes, store.plan?.model.name ?? 'the model', subset),
    picks: choice.order.rows.length,
    exactDuplicates: {
      total: ground.exactDuplicates.length,
      examples: [...ground.exactDuplicates.slice(0, EXAMPLES)],
    },
    nearDuplicates: choice.nearDuplicates,
    skipped: storeSkips(store, ground.table),
    proxy: choice.proxy,
    objective: choice.objective,
    warnings,
    evaluation: null,
  };
}

/** Saves a choice under a name, or under the first of several that may be taken; with the picks' ids. */
async function save(
  name: string | Iterable<string>,
  described: SubsetDocument,
  { order, clipScores }: Choice,
  ground: GroundSet,
  store: EmbeddingStore,
): Promise<{ subset: string; document: SubsetDocument; ids: number[] }> {
  const columns = {
    rows: order.rows,
    gains: order.gains,
    latentClasses: Array.from(order.rows, (row) => ground.names[ground.labels[row]!]!),
    clipScores,
  };
  const { file, document, written } = await saveSubset(
    typeof name === 'string' ? [name] : name,
    described,
    (aside) => writePicks(aside, columns, metadataOf(store)),
    // A name that was given is taken, whatever has it.
    async (one) => typeof name === 'string' || mayTake(one, described),
  );
  return { subset: file, document, ids: written.ids };
}
