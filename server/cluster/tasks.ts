import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileSync, existsSync } from 'node:fs';
import { Catalogue } from '../dataset/catalogue.js';
import { Database } from '../dataset/database.js';
import { imageRoots } from '../dataset/roots.js';
import { RowsCopy } from '../dataset/rowsCopy.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { produceAside, writeAside } from '../embeddings/aside.js';
import { batchSizes, partsOf, planOf, storeFolder, writePlan } from '../embeddings/embedDataset.js';
import { embedParts } from '../embeddings/embedParts.js';
import { partPaths, readPart, tidyParts, writePart } from '../embeddings/partFiles.js';
import { KnownEmbeddings, type KnownRow } from '../embeddings/reuse.js';
import { openStore, readPlan, type StorePlan } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';
import { ProgressReporter } from '../jobs/progress.js';
import { selectFrom } from '../jobs/selectJob.js';
import { openWorkspace, type Workspace } from '../jobs/workspace.js';
import { shardParts, type StageName } from './graph.js';
import type { ClusterRun, Outcome } from './run.js';
import { verifyArray } from './submit.js';

/** What `prepare` tells the other tasks. */
interface Prepared {
  store: string;
  plan: StorePlan;
  /** The dataset's rows, as the other tasks read them. */
  rows: string;
}

/** Does one task of a run: what Slurm's jobs call. */
export async function clusterTask(
  run: ClusterRun,
  stage: StageName,
  task: number | null,
  context: JobContext,
): Promise<void> {
  process.chdir(run.record.cwd);
  await run.perform(stage, task, async () => {
    const workspace = await openWorkspace({ ...run.record.params, ...deviceOf(run, stage) }, context);
    try {
      return await work[stage](run, workspace, context, task ?? 0);
    } finally {
      await workspace.release();
    }
  });
}

type Work = (
  run: ClusterRun,
  workspace: Workspace,
  context: JobContext,
  task: number,
) => Promise<Outcome | null>;

const work: Record<StageName, Work> = { prepare, embed, gather, select };

/** The device asked for is where the accelerators are; elsewhere it is the CPU. */
function deviceOf({ record }: ClusterRun, stage: StageName): { device?: 'cpu' } {
  const gres = record.settings.stages[stage]?.gres;
  return stage === 'embed' || gres ? {} : { device: 'cpu' };
}

/** Reads the dataset once for all, and brings the store's folder into the shape that the parts are written to. */
async function prepare(run: ClusterRun, workspace: Workspace, context: JobContext): Promise<Outcome> {
  const { source, home } = workspace;
  if (source.kind === 'store') throw new Error('a store is embedded already');
  const model = await workspace.model();
  await workspace.makeHome();
  const store = storeFolder(home, model);
  await mkdir(store, { recursive: true });
  const catalogue = await Catalogue.open(home);
  const database = await Database.open();
  try {
    const pairs = await catalogue.load(source, async () => throwIfCancelled(context));
    const rows = run.path('work', 'rows.parquet');
    await produceAside(rows, (aside) => catalogue.copyTo(aside));
    const plan = planOf(model, pairs);
    const known = new KnownEmbeddings(store, database);
    await tidyParts(store, partsOf(plan), (paths) => known.retire(paths));
    const batch = readPlan(store)?.batch;
    await writePlan(store, { ...plan, ...(batch && { batch }) });
    const prepared: Prepared = { store, plan, rows };
    await writeAside(preparedFile(run), `${JSON.stringify(prepared, null, 2)}\n`);
    return { files: [preparedFile(run), rows], device: null, pairs, leftOut: 0, unreachable: 0 };
  } finally {
    database.close();
    catalogue.close();
  }
}

function preparedFile(run: ClusterRun): string {
  return run.path('work', 'prepared.json');
}

function preparedOf(run: ClusterRun): Prepared {
  if (run.done('prepare', null) === null)
    throw new ClipcovError(
      'cluster-run',
      'The dataset was not read: the task “prepare” has not ended well.',
      {
        where: run.path('logs'),
        fix: 'Read its log, then clipcov cluster resume.',
      },
    );
  return JSON.parse(readFileSync(preparedFile(run), 'utf8')) as Prepared;
}

/** Embeddings of other runs, which many tasks would have to read at the same time, are not looked for. */
const NOTHING_KNOWN = {
  image: async () => undefined,
  texts: async () => new Map<string, KnownRow>(),
  retire: async () => undefined,
};

/** Makes the parts of one shard; those that are there already are left as they are. */
async function embed(
  run: ClusterRun,
  workspace: Workspace,
  context: JobContext,
  shard: number,
): Promise<Outcome> {
  const { store, plan, rows } = preparedOf(run);
  const { first, end } = shardParts(shard, run.record.shards, partsOf(plan));
  const seen = seenFile(run, shard);
  const database = await Database.open();
  try {
    const model = await workspace.model();
    if (model.fingerprint !== plan.model.fingerprint)
      throw new ClipcovError('cluster-run', 'The model is another one than when the run began.', {
        where: model.folder,
        fix: 'Cancel the run and submit it again.',
      });
    const device = await workspace.device();
    const copy = new RowsCopy(rows, database);
    const progress = new ProgressReporter(context);
    progress.device = device.report;
    progress.begin('embed', 'pairs');
    const pairs = Math.max(0, Math.min(plan.pairs, end * plan.partRows) - first * plan.partRows);
    let leftOut = 0;
    const { unreachable } = await embedParts({
      model,
      encoder: workspace.encoder,
      batch: batchSizes(store, model, device),
      onSettled: async () => undefined,
      rows: copy,
      database,
      known: NOTHING_KNOWN,
      roots: await imageRoots(workspace.source.root, run.record.params.approvedRoots),
      context,
      onSample: null,
      onProgress: (done, skipped) => {
        leftOut = skipped;
        progress.update(done, pairs, skipped);
      },
      store,
      plan,
      first,
      end,
    });
    await produceAside(seen, (aside) => copy.seenTo(aside));
    const files = [seen];
    for (let part = first; part < end; part++)
      files.push(...Object.values(partPaths(store, part, partsOf(plan))).filter((file) => existsSync(file)));
    const { name } = await workspace.device();
    return { files, device: name, pairs, leftOut, unreachable };
  } finally {
    database.close();
  }
}

function seenFile(run: ClusterRun, shard: number): string {
  return run.path('work', `seen-${shard}.parquet`);
}

/**
 * Verifies the shards. Where all are there, what they saw goes into the catalogue, and the parts of skipped ones say so;
 * where not, another such task will, which was submitted now.
 */
async function gather(run: ClusterRun, { home }: Workspace): Promise<Outcome | null> {
  const { store, plan, rows } = preparedOf(run);
  if (!(await verifyArray(run, run.stage('gather')))) return null;
  const shards = run.tasksOf(run.stage('embed')).map((task) => run.done('embed', task)!);
  const database = await Database.open();
  const catalogue = await Catalogue.open(home);
  try {
    for (const { task } of shards) await catalogue.rememberFrom(seenFile(run, task!));
    const copy = new RowsCopy(rows, database);
    for (const shard of run.record.skipped) await leaveOut(run, shard, { store, plan, rows }, copy, database);
    const total = (key: 'pairs' | 'leftOut' | 'unreachable'): number =>
      shards.reduce((sum, done) => sum + done[key], 0);
    if (total('unreachable') === 0) await new KnownEmbeddings(store, database).forget();
    const devices = [...new Set(shards.filter(({ pairs }) => pairs > 0).map(({ device }) => device))];
    return {
      files: [],
      device: devices.join(', ') || null,
      pairs: plan.pairs,
      leftOut: total('leftOut'),
      unreachable: total('unreachable'),
    };
  } finally {
    catalogue.close();
    database.close();
  }
}

/** Parts of a skipped shard that no task could make hold no pair, and name the reason for each. */
async function leaveOut(
  run: ClusterRun,
  shard: number,
  { store, plan }: Prepared,
  copy: RowsCopy,
  database: Database,
): Promise<void> {
  const parts = partsOf(plan);
  const { first, end } = shardParts(shard, run.record.shards, parts);
  for (let part = first; part < end; part++) {
    const paths = partPaths(store, part, parts);
    if ((await readPart(paths, database)) !== null) continue;
    const start = part * plan.partRows;
    const own = await copy.rows(start, Math.min(plan.pairs, start + plan.partRows));
    const skipped = own.map(({ id, image }) => ({ id, reason: 'its shard was skipped', where: image }));
    await writePart(paths, database, [], new Uint16Array(), new Uint16Array(), plan.model.dim, skipped, []);
  }
}

/** The selection of one machine, from the store that the shards have made. */
async function select(run: ClusterRun, workspace: Workspace, context: JobContext): Promise<Outcome> {
  const { store, plan } = preparedOf(run);
  const gathered = run.done('gather', null);
  if (gathered === null) throw new Error('selected before the shards were gathered');
  const { name } = await workspace.device();
  const embedded = { ...workspace, givenStore: async () => openStore(store) };
  const { device } = gathered;
  const { skipped, shards } = run.record;
  const notes = [
    ...(device !== null && device !== name
      ? [`The pairs were embedded on ${device}, and selected on ${name}.`]
      : []),
    ...(skipped.length > 0
      ? [`Of ${shards} shards, ${skipped.join(', ')} could not be embedded whole.`]
      : []),
  ];
  const { report } = await selectFrom(embedded, run.record.params, context, notes);
  const files = report.subsets.flatMap(({ subset }) => [
    subset,
    subset.replace(/\.clipcov\.json$/, '.parquet'),
  ]);
  await writeAside(join(run.folder, 'report.json'), `${JSON.stringify(report)}\n`);
  return { files, device: name, pairs: plan.pairs, leftOut: report.skipped.total, unreachable: 0 };
}
