import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ClipcovError } from '../errors.js';

/** Every call to Slurm's own programs. */

const run = promisify(execFile);

async function slurm(program: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await run(program, args, { env: ownEnvironment(), maxBuffer: 2 ** 28 });
    return stdout;
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new ClipcovError('slurm-missing', `Slurm's ${program} is not on this machine.`, {
        fix: 'Run this on a login node of the cluster.',
        cause,
      });
    throw new ClipcovError('slurm-refused', `${program}: ${stderr?.trim() || (cause as Error).message}`, {
      fix: 'Change what is asked of the cluster (.clipcov/cluster.json, --partition, --account, --time …), then try again.',
      cause,
    });
  }
}

/** What a job was given is not what the jobs that it submits are given. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name === 'SLURM_CONF' || !/^(SLURM|SBATCH)_/.test(name)),
  );
}

/** Submits a script and returns the job's id. */
export async function submitScript(
  script: string,
  { after, array }: { after?: string | undefined; array?: string | undefined },
): Promise<string> {
  const answer = await slurm('sbatch', [
    '--parsable',
    ...(after === undefined ? [] : [`--dependency=${after}`]),
    ...(array === undefined ? [] : [`--array=${array}`]),
    script,
  ]);
  // `ID` or `ID;CLUSTER`
  return answer.trim().split(';')[0]!;
}

/** Makes a job that has not started wait for something else. */
export async function changeDependency(job: string, after: string): Promise<void> {
  await slurm('scontrol', ['update', `JobId=${job}`, `Dependency=${after}`]);
}

/** Ends jobs, whatever they wait for. Those that are over already are no error. */
export async function cancelJobs(jobs: string[]): Promise<void> {
  if (jobs.length > 0) await slurm('scancel', ['--quiet', ...jobs]);
}

/** What Slurm knows of one task. */
export interface TaskState {
  job: string;
  /** Null for a job that is no array. */
  task: number | null;
  /** `PENDING`, `RUNNING`, `COMPLETED`, `TIMEOUT` … */
  state: string;
  reason: string;
}

/** States of the tasks of some jobs: those that the controller still knows, then what accounting has of the others. */
export async function taskStates(jobs: readonly string[]): Promise<TaskState[]> {
  const wanted = new Set(jobs);
  const listed = await slurm('squeue', ['--me', '-h', '-r', '-t', 'all', '-o', '%F|%K|%T|%r']);
  const states = listed
    .split('\n')
    .filter(Boolean)
    .map(taskState)
    .filter(({ job }) => wanted.has(job));
  const known = new Set(states.map(({ job }) => job));
  const forgotten = jobs.filter((job) => !known.has(job));
  return forgotten.length === 0 ? states : [...states, ...(await accounted(forgotten))];
}

function taskState(line: string): TaskState {
  const [job = '', task = '', state = '', reason = ''] = line.split('|');
  return { job, task: /^\d+$/.test(task) ? Number(task) : null, state, reason };
}

/** Where a cluster keeps no accounts, nothing is known of old jobs: what they left on disk tells. */
async function accounted(jobs: string[]): Promise<TaskState[]> {
  const args = ['-n', '-P', '-X', '-j', jobs.join(','), '-o', 'JobID,State'];
  const answer = await slurm('sacct', args).catch(() => '');
  return answer
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [id = '', state = ''] = line.split('|');
      const [job = '', task = ''] = id.split('_');
      return {
        job,
        task: /^\d+$/.test(task) ? Number(task) : null,
        state: state.split(' ')[0]!,
        reason: 'None',
      };
    });
}

const OVER =
  /^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY|BOOT_FAIL|DEADLINE|PREEMPTED|REVOKED)/;

/** Whether the task may still do something. */
export function isLive({ state }: TaskState): boolean {
  return !OVER.test(state);
}
