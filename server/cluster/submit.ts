import { rm, writeFile } from 'node:fs/promises';
import { ClipcovError } from '../errors.js';
import { arrayOf, dependencyOf, type Stage, type StageName } from './graph.js';
import type { ClusterRun } from './run.js';
import { cancelJobs, changeDependency, submitScript, taskStates } from './slurm.js';

/** Writes the scripts of a run where they are submitted from. */
export async function writeScripts(run: ClusterRun, scripts: Map<StageName, string>): Promise<void> {
  for (const [stage, script] of scripts) await writeFile(scriptPath(run, stage), script, { mode: 0o755 });
}

/** Submits all that a run has not done yet, each stage waiting for the one before it. Returns the stages submitted. */
export async function submitRest(run: ClusterRun): Promise<StageName[]> {
  const jobs: string[] = [];
  const submitted: StageName[] = [];
  try {
    for (const stage of run.stages) {
      const tasks = run.tasksOf(stage).filter((task) => run.done(stage.name, task) === null);
      if (tasks.length === 0) continue;
      const before = jobs.at(-1);
      const after = before === undefined ? undefined : `${dependencyOf(stage)}:${before}`;
      jobs.push(await submitStage(run, stage, tasks, after));
      submitted.push(stage.name);
    }
  } catch (error) {
    // Half a graph is of no use.
    await cancelJobs(jobs).catch(() => undefined);
    throw error;
  }
  return submitted;
}

async function submitStage(
  run: ClusterRun,
  stage: Stage,
  tasks: (number | null)[],
  after: string | undefined,
): Promise<string> {
  const numbers = stage.tasks === null ? null : (tasks as number[]);
  const { concurrent } = run.record.settings;
  const array = numbers && `${arrayOf(numbers)}${concurrent === undefined ? '' : `%${concurrent}`}`;
  const job = await submitScript(scriptPath(run, stage.name), { after, array: array ?? undefined });
  await run.submitted(stage.name, job, numbers);
  return job;
}

function scriptPath(run: ClusterRun, stage: StageName): string {
  return run.path('scripts', `${stage}.sbatch`);
}

/**
 * Called by the stage that verifies an array: whether all of it is there. What is missing is submitted again, with another
 * such stage behind it for which the rest of the graph then waits; after `retries` of these the run gives up and names
 * what failed.
 */
export async function verifyArray(run: ClusterRun, by: Stage): Promise<boolean> {
  const array = run.stage(by.verifies!);
  const missing = await missingTasks(run, array);
  if (missing.length === 0) return true;
  if (run.isCancelled)
    throw new ClipcovError('cancelled', 'The run was cancelled.', { where: run.folder, fix: 'Resume it.' });
  const { round, settings } = run.record;
  const tries = run.submissions().filter((one) => one.stage === array.name && one.round === round);
  if (tries.length > settings.retries) throw await gaveUp(run, array, missing, tries.length);
  const jobs: string[] = [];
  try {
    jobs.push(await submitStage(run, array, missing, undefined));
    jobs.push(await submitStage(run, by, [null], `afterany:${jobs[0]}`));
    const next = run.stages[run.stages.findIndex(({ name }) => name === by.name) + 1];
    const waiting = next && run.submissions().findLast((one) => one.stage === next.name);
    // It waits for this very job, which is still running.
    if (waiting) await changeDependency(waiting.job, `afterok:${jobs[1]}`);
  } catch (error) {
    await cancelJobs(jobs).catch(() => undefined);
    throw error;
  }
  process.stderr.write(`${array.name}: ${arrayOf(missing)} submitted again as job ${jobs[0]}\n`);
  return false;
}

/** Tasks without a manifest, or whose files are not what it says. Found whole once in a round, they are not read again. */
async function missingTasks(run: ClusterRun, array: Stage): Promise<number[]> {
  const whole = run.foundWhole(array.name);
  const missing: number[] = [];
  for (const task of run.tasksOf(array)) {
    const done = run.done(array.name, task);
    const damaged = done === null || whole.has(task!) ? [] : await run.damaged(done);
    if (done !== null && damaged.length === 0) whole.add(task!);
    else {
      await run.forget(array.name, task);
      // Left there, a file of the right length would be taken for a finished one.
      for (const file of damaged) await rm(file, { force: true });
      missing.push(task!);
    }
  }
  await run.rememberWhole(array.name, whole);
  return missing;
}

async function gaveUp(
  run: ClusterRun,
  { name }: Stage,
  tasks: number[],
  tries: number,
): Promise<ClipcovError> {
  const causes = await causesOf(run, name, tasks);
  const shown = tasks.slice(0, 5).map((task) => `${task}: ${causes.get(task)}`);
  return new ClipcovError(
    'shard-failed',
    `Of ${name}, shard ${arrayOf(tasks)} failed ${tries} times. ${shown.join(' ')}`,
    {
      where: run.path('logs'),
      fix: `Read its log (clipcov cluster logs DATASET --shard ${tasks[0]}), then clipcov cluster resume DATASET, or leave it out with --skip-shard ${arrayOf(tasks)}.`,
    },
  );
}

/** Why tasks failed: in their own words, or in Slurm's of a task that could say nothing any more. */
export async function causesOf(
  run: ClusterRun,
  stage: StageName,
  tasks: readonly (number | null)[],
): Promise<Map<number | null, string>> {
  const jobs = run
    .submissions()
    .filter((one) => one.stage === stage)
    .map(({ job }) => job);
  const states = await taskStates(jobs).catch(() => []);
  const last = new Map(states.map(({ task, state }) => [task, state]));
  return new Map(
    tasks.map((task) => {
      const failure = run.failure(stage, task);
      if (failure) return [task, `${failure.message} (on ${failure.node})`];
      const state = last.get(task);
      const lost = state === undefined || state === 'COMPLETED' ? 'its files are missing or damaged' : state;
      return [task, lost];
    }),
  );
}
