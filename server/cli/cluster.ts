import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { partsOf, storeFolder } from '../embeddings/embedDataset.js';
import { readPlan } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';
import { embeddingSeconds, measuredRate } from '../cluster/estimate.js';
import { dependencyOf, STAGES, stagesOf, type StageName } from '../cluster/graph.js';
import { ClusterRun } from '../cluster/run.js';
import { stageScript } from '../cluster/script.js';
import { readSettings, type ClusterSettings } from '../cluster/settings.js';
import { cancelJobs, isLive, taskStates } from '../cluster/slurm.js';
import { logFiles, statusOf } from '../cluster/status.js';
import { submitRest, writeScripts } from '../cluster/submit.js';
import { clusterTask } from '../cluster/tasks.js';
import { openWorkspace, type Workspace } from '../jobs/workspace.js';
import type { ClusterStatus } from '../protocol/cluster.js';
import { columnsOption, missing, numberOption, selectParams, UsageError, type Parsed } from './arguments.js';
import { agreeToScripts } from './clusterConsent.js';
import { byteCount, print, terminalContext } from './terminal.js';

/** `clipcov cluster plan|submit|status|logs|cancel|resume DATASET` */
export async function clusterCommand(parsed: Parsed): Promise<void> {
  const { positional, second } = parsed;
  const action = positional !== undefined && Object.hasOwn(actions, positional) && actions[positional];
  if (!action) throw new UsageError(`cluster: one of ${Object.keys(actions).join(', ')} is expected`);
  if (second === undefined) throw new UsageError(`cluster ${positional}: a dataset is missing`);
  const own = { ...parsed, positional: second, second: undefined };
  const store = parsed.values['store'];
  const workspace = await openWorkspace(
    {
      source: second,
      device: 'cpu',
      columns: columnsOption(parsed.values),
      model: parsed.values['model'] as string | undefined,
      store: store as string | undefined,
    },
    terminalContext(),
  );
  if (workspace.source.kind === 'store')
    throw new ClipcovError('source-is-store', 'The folder is an embedding store already.', {
      where: workspace.source.root,
      fix: 'Select from it, or give the dataset.',
    });
  await action(own, workspace);
}

/** `clipcov cluster-task`: what the jobs of a run call. */
export async function clusterTaskCommand({ values }: Parsed): Promise<void> {
  const stage = STAGES.find((name) => name === values['stage']) ?? missing('--stage');
  const run = ClusterRun.open(String(values['run'] ?? missing('--run')));
  await clusterTask(run, stage, numberOption(values['task']) ?? null, terminalContext());
}

type Action = (parsed: Parsed, workspace: Workspace) => Promise<void>;

const actions: Record<string, Action> = {
  async plan(parsed, workspace) {
    const asked = askedOf(parsed, workspace);
    const scripts = scriptsOf(asked, SOME_RUN);
    const estimate = await estimateOf(parsed, workspace, asked);
    print(parsed, { stages: stagesOf(asked.shards), estimate, scripts: Object.fromEntries(scripts) }, () =>
      [
        ...describeGraph(asked),
        '',
        ...describeEstimate(estimate, asked),
        '',
        ...describeScripts(scripts),
      ].join('\n'),
    );
  },
  async submit(parsed, workspace) {
    const asked = askedOf(parsed, workspace);
    const earlier = ClusterRun.latest(workspace.home);
    if (earlier && (await liveJobs(earlier)).length > 0)
      throw new ClipcovError('dataset-busy', 'A run of this dataset is on the cluster.', {
        where: earlier.folder,
        fix: 'Wait for it (clipcov cluster status), or end it (clipcov cluster cancel).',
      });
    await agree(parsed, asked);
    await workspace.makeHome();
    const run = await ClusterRun.create(workspace.home, {
      schema: 1,
      cwd: process.cwd(),
      params: asked.params,
      shards: asked.shards,
      skipped: [],
      settings: asked.settings,
      round: 0,
    });
    await start(parsed, run);
  },
  async status(parsed, workspace) {
    const found = await statusOf(latest(workspace));
    print(parsed, found, () => describeStatus(found));
  },
  async logs(parsed, workspace) {
    const { values } = parsed;
    const stage = values['stage'] === undefined ? undefined : STAGES.find((name) => name === values['stage']);
    if (values['stage'] !== undefined && stage === undefined)
      throw new UsageError(`--stage: one of ${STAGES.join(', ')} is expected`);
    const files = logFiles(latest(workspace), stage, numberOption(values['shard']));
    print(parsed, files, () =>
      files.map((file) => `── ${file}\n${readFileSync(file, 'utf8').trimEnd()}\n`).join('\n'),
    );
  },
  async cancel(parsed, workspace) {
    const run = latest(workspace);
    // First: a task that is about to submit something sees it.
    await run.setCancelled(true);
    let jobs = await liveJobs(run);
    const ended = jobs;
    for (let i = 0; jobs.length > 0 && i < 60; i++) {
      await cancelJobs(jobs);
      await new Promise((settled) => setTimeout(settled, 250));
      jobs = await liveJobs(run);
    }
    print(parsed, { cancelled: ended, left: jobs }, () =>
      jobs.length === 0
        ? `${ended.length} jobs ended; clipcov cluster resume goes on with what they have done\n`
        : `jobs ${jobs.join(', ')} were asked to end and have not yet\n`,
    );
  },
  async resume(parsed, workspace) {
    const run = latest(workspace);
    if ((await liveJobs(run)).length > 0)
      throw new ClipcovError('dataset-busy', 'The run is on the cluster.', {
        where: run.folder,
        fix: 'Wait for it (clipcov cluster status), or end it (clipcov cluster cancel).',
      });
    await agree(parsed, run.record);
    const skipped = skippedShards(parsed, run.record.shards);
    await run.change({
      skipped: [...new Set([...run.record.skipped, ...skipped])].sort((a, b) => a - b),
      round: run.record.round + 1,
    });
    if (run.record.skipped.length === run.record.shards)
      throw new UsageError('--skip-shard: every shard would be left out');
    // What is there is verified again before the rest goes on.
    if (run.done('select', null) === null || skipped.length > 0) await run.forget('gather', null);
    if (skipped.length > 0) await run.forget('select', null);
    await run.setCancelled(false);
    await start(parsed, run);
  },
};

interface Asked {
  params: ReturnType<typeof selectParams>;
  shards: number;
  settings: ClusterSettings;
}

function askedOf(parsed: Parsed, workspace: Workspace): Asked {
  const { values } = parsed;
  const shards = numberOption(values['shards']) ?? missing('--shards');
  if (!Number.isInteger(shards) || shards < 1 || shards > 1_000_000)
    throw new UsageError('--shards: a whole number from 1 on is expected');
  const text = values['container'];
  const settings = readSettings(workspace.folder, {
    partition: values['partition'],
    account: values['account'],
    qos: values['qos'],
    time: values['time'],
    memory: values['job-memory'],
    cpus: numberOption(values['cpus']),
    gres: values['gres'],
    concurrent: numberOption(values['concurrent']),
    retries: numberOption(values['retries']),
    modules: values['module'],
    container: typeof text === 'string' ? text.split(/\s+/).filter(Boolean) : undefined,
  });
  // What was chosen is kept with the dataset: no task of the run chooses again.
  const params = selectParams(parsed);
  delete params.columns;
  return { params, shards, settings };
}

/** In scripts that are shown, and agreed to for every run. */
const SOME_RUN = '(the folder of the run)';

function agree({ values }: Parsed, asked: Omit<Asked, 'params'>): Promise<void> {
  return agreeToScripts(scriptsOf(asked, SOME_RUN), {
    yes: values['yes'] === true,
    hash: values['agree'] as string | undefined,
    json: values['json'] === true,
  });
}

function scriptsOf({ shards, settings }: Omit<Asked, 'params'>, folder: string): Map<StageName, string> {
  const cli = resolve(process.argv[1]!);
  const context = { folder, node: settings.node ?? process.execPath, cli, settings };
  return new Map(stagesOf(shards).map((stage) => [stage.name, stageScript(stage, context)]));
}

async function start(parsed: Parsed, run: ClusterRun): Promise<void> {
  await writeScripts(run, scriptsOf(run.record, run.folder));
  const stages = await submitRest(run);
  const jobs = run.submissions().filter(({ round }) => round === run.record.round);
  print(parsed, { folder: run.folder, jobs }, () =>
    stages.length === 0
      ? `nothing is left to do\nrun      ${run.folder}\n`
      : [
          ...jobs.map(
            ({ stage, job, tasks }) =>
              `${stage.padEnd(8)} job ${job}${tasks ? `, ${tasks.length} tasks` : ''}`,
          ),
          `run      ${run.folder}\n`,
        ].join('\n'),
  );
}

function latest({ home }: Workspace): ClusterRun {
  const run = ClusterRun.latest(home);
  if (run) return run;
  throw new ClipcovError('cluster-run', 'This dataset was never submitted to a cluster.', {
    where: home,
    fix: 'Begin with clipcov cluster plan, then clipcov cluster submit.',
  });
}

async function liveJobs(run: ClusterRun): Promise<string[]> {
  const states = await taskStates(run.submissions().map(({ job }) => job));
  return [...new Set(states.filter(isLive).map(({ job }) => job))];
}

/** `3,7` */
function skippedShards({ values }: Parsed, shards: number): number[] {
  const given = values['skip-shard'];
  if (typeof given !== 'string') return [];
  return given.split(',').map((text) => {
    const shard = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (!(shard < shards))
      throw new UsageError(`--skip-shard: '${text}' is no shard from 0 to ${shards - 1}`);
    return shard;
  });
}

interface Estimate {
  pairs: number | null;
  /** Pairs a second of one task. */
  rate: number | null;
  parts: number | null;
  seconds: { task: number; all: number } | null;
  storeBytes: number | null;
}

/** From the store's plan, or the pairs and the rate that are given; nothing is read for it. */
async function estimateOf(
  parsed: Parsed,
  workspace: Workspace,
  { shards, settings }: Asked,
): Promise<Estimate> {
  const model = await workspace.model();
  const plan = readPlan(storeFolder(workspace.home, model));
  const pairs = numberOption(parsed.values['pairs']) ?? plan?.pairs ?? null;
  const rate = numberOption(parsed.values['rate']) ?? measuredRate(ClusterRun.latest(workspace.home));
  return {
    pairs,
    rate,
    parts: plan && partsOf(plan),
    seconds:
      pairs === null || rate === null ? null : embeddingSeconds(pairs, shards, rate, settings.concurrent),
    storeBytes: pairs === null ? null : pairs * 4 * model.dim,
  };
}

function describeGraph({ shards, settings }: Asked): string[] {
  return stagesOf(shards).map((stage, i, stages) => {
    const before = stages[i - 1];
    const own = { ...settings, ...settings.stages[stage.name] };
    const gres = settings.stages[stage.name]?.gres ?? (stage.accelerated ? (settings.gres ?? 'gpu:1') : '');
    const asked = [
      stage.tasks === null ? '1 task' : `${stage.tasks} tasks`,
      before && `${dependencyOf(stage)} ${before.name}`,
      gres,
      own.cpus && `${own.cpus} cores`,
      own.memory,
      own.time,
      own.partition,
    ].filter(Boolean);
    return `${stage.name.padEnd(8)} ${asked.join(' · ')}: ${stage.what}`;
  });
}

function describeEstimate({ pairs, rate, seconds, storeBytes }: Estimate, { shards }: Asked): string[] {
  if (pairs === null)
    return ['estimate the dataset was not read yet; --pairs N and --rate PAIRS_A_SECOND give one'];
  return [
    `pairs    ${pairs}, about ${Math.ceil(pairs / shards)} a shard; ${byteCount(storeBytes!)} of embeddings`,
    seconds === null
      ? 'estimate no task was measured yet; --rate PAIRS_A_SECOND gives one'
      : `estimate ${Math.ceil(seconds.task)} s a task of embedding at ${rate!.toPrecision(3)} pairs/s, ${Math.ceil(seconds.all)} s for all, without waiting in the queue`,
  ];
}

function describeScripts(scripts: Map<StageName, string>): string[] {
  return [...scripts].map(([stage, script]) => `── ${stage}.sbatch\n${script}`);
}

function describeStatus({ state, folder, stages, skipped }: ClusterStatus): string {
  const header = ['stage', 'tasks', 'done', 'running', 'waiting', 'failed', 'pairs', 'pairs/s a task'];
  const rows = stages.map((one) =>
    [
      one.stage,
      one.tasks,
      one.done,
      one.running,
      one.waiting,
      one.failed,
      one.pairs,
      one.rate === null ? '–' : one.rate.toPrecision(3),
    ].map(String),
  );
  const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [
    line(header),
    ...rows.map(line),
    '',
    ...stages.flatMap(({ stage, causes }) =>
      causes.map(({ cause, tasks }) => `failed   ${stage} ${tasks.join(', ')}: ${cause}`),
    ),
    ...(skipped.length > 0 ? [`skipped  ${skipped.join(', ')}`] : []),
    `state    ${state}`,
    `run      ${folder}\n`,
  ].join('\n');
}
