import { readdirSync } from 'node:fs';
import type { ClusterStageStatus, ClusterStatus } from '../protocol/cluster.js';
import type { StageName } from './graph.js';
import type { ClusterRun } from './run.js';
import { isLive, taskStates, type TaskState } from './slurm.js';
import { causesOf } from './submit.js';

/** How a run stands: by its manifests, and by Slurm for what has none. */
export async function statusOf(run: ClusterRun): Promise<ClusterStatus> {
  const submissions = run.submissions();
  const states = await taskStates(submissions.map(({ job }) => job));
  const stages: ClusterStageStatus[] = [];
  for (const stage of run.stages) {
    const jobs = new Set(submissions.filter(({ stage: of }) => of === stage.name).map(({ job }) => job));
    const live = states.filter((state) => jobs.has(state.job) && isLive(state));
    stages.push(await statusOfStage(run, stage.name, live));
  }
  const isDone = run.done('select', null) !== null;
  const isRunning = stages.some(({ running, waiting }) => running + waiting > 0);
  const state = isDone ? 'done' : isRunning ? 'running' : run.isCancelled ? 'cancelled' : 'failed';
  return { folder: run.folder, state, skipped: run.record.skipped, stages };
}

async function statusOfStage(
  run: ClusterRun,
  name: StageName,
  live: TaskState[],
): Promise<ClusterStageStatus> {
  const tasks = run.tasksOf(run.stage(name));
  const found = tasks.map((task) => run.done(name, task));
  const finished = found.filter((done) => done !== null);
  const liveTasks = new Map(live.map((state) => [state.task, state]));
  const missing = tasks.filter((task, i) => found[i] === null && !liveTasks.has(task));
  const begun = run.submissions().some(({ stage }) => stage === name);
  const running = live.filter(({ state }) => state === 'RUNNING' || state === 'COMPLETING').length;
  const pairs = finished.reduce((sum, done) => sum + done.pairs, 0);
  const seconds = finished.reduce((sum, done) => sum + done.seconds, 0);
  const causes = new Map<string, number[]>();
  if (begun)
    for (const [task, cause] of missing.length > 0 ? await causesOf(run, name, missing) : [])
      causes.set(cause, [...(causes.get(cause) ?? []), task ?? 0]);
  return {
    stage: name,
    tasks: tasks.length,
    done: finished.length,
    running,
    waiting: live.length - running,
    failed: begun ? missing.length : 0,
    pairs,
    rate: pairs > 0 && seconds > 0 ? pairs / seconds : null,
    causes: [...causes].map(([cause, own]) => ({ cause, tasks: own })),
  };
}

/** The log files of a stage's task, the latest last; of all tasks where no one is named. */
export function logFiles(run: ClusterRun, stage: StageName | undefined, shard: number | undefined): string[] {
  const ending = shard === undefined ? '.log' : `_${shard}.log`;
  const start = stage ?? (shard === undefined ? '' : 'embed');
  const job = (name: string): number => Number(/-(\d+)/.exec(name)?.[1] ?? 0);
  return readdirSync(run.path('logs'))
    .filter((name) => name.startsWith(start) && name.endsWith(ending))
    .sort((a, b) => job(a) - job(b) || (a < b ? -1 : 1))
    .map((name) => run.path('logs', name));
}
