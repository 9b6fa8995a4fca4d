import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '../../extension/server/client.js';
import { startProcess, type ServerProcess } from '../../extension/server/process.js';
import type { Stage } from '../../server/protocol/progress.js';
import { quickModel } from '../bench/quickModel.js';
import { CLI } from '../server/cli.js';

/** Something that a user has done to a dataset, in a process of its own. */
export interface Step {
  name: string;
  /** Does it to its end, or until the process is killed after some milliseconds. */
  run(dataset: string, afterMs: number): Promise<StepRun>;
}

export interface StepRun {
  killed: boolean;
  /** What it was at when it ended. */
  stage: Stage | 'before';
  seconds: number;
}

const model = quickModel();
const EMBEDDED = ['--device', 'cpu', '--model', model];
const CHOICE = ['--near-duplicates', '0.05', ...EMBEDDED];
const SUBSET = join('subsets', 'clipcov-10pct.clipcov.json');

/** Arguments of the commands that leave files behind. */
export const commands: Record<string, (dataset: string) => string[]> = {
  embed: (dataset) => ['embed', dataset, ...EMBEDDED],
  report: (dataset) => ['report', dataset, ...CHOICE, '--out', join(dataset, 'out', 'report.html')],
  select: (dataset) => ['select', dataset, '--budget', '10%', ...CHOICE, '--evaluate'],
  sweep: (dataset) => [
    ...['sweep', dataset, '--budgets', '5%,20%', '--methods', 'clipcov,random', '--seeds', '2', ...CHOICE],
    ...['--out', join(dataset, 'out', 'sweep.csv')],
  ],
  export: (dataset) => [
    ...['export', join(dataset, SUBSET), '--format', 'webdataset', '--out', join(dataset, 'out', 'shards')],
  ],
};

/** One after another: each goes on from what the one before it left. */
export const steps: Step[] = [
  command('embed'),
  { name: 'select over the socket', run: selectByServer },
  ...['report', 'select', 'sweep', 'export'].map(command),
];

function command(name: string): Step {
  return {
    name,
    run: (dataset, afterMs) =>
      timed(dataset, async (environment) => {
        const child = spawn(process.execPath, [CLI, ...commands[name]!(dataset)], {
          env: { ...process.env, ...environment },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stage: StepRun['stage'] = 'before';
        let said = '';
        createInterface({ input: child.stderr }).on('line', (line) => {
          said += `${line}\n`;
          stage = (/^(\w+) +\d/.exec(line)?.[1] as Stage | undefined) ?? stage;
        });
        const exited = once(child, 'exit');
        const killed = killLater(child.pid!, afterMs);
        const [code] = (await exited) as [number | null];
        if (!killed() && code !== 0) throw new Error(`${name} ended with ${code}: ${said.slice(-1000)}`);
        return { killed: killed(), stage };
      }),
  };
}

function selectByServer(dataset: string, afterMs: number): Promise<StepRun> {
  return timed(dataset, async (environment) => {
    const server = await started(environment);
    const client = await Client.connect(server.handshake);
    let stage: StepRun['stage'] = 'before';
    const killed = killLater(server.pid, afterMs);
    try {
      await client.request(
        'select',
        { source: dataset, budget: '20%', device: 'cpu', model, nearDuplicates: 0.05, evaluate: true },
        { onProgress: (progress) => (stage = progress.stage) },
      );
    } catch (error) {
      if (!killed()) throw error;
    } finally {
      client.dispose();
      await server.stop();
    }
    return { killed: killed(), stage };
  });
}

/** On a busy machine a server may need more time than a window gives it: what is tested is what comes then. */
async function started(environment: Record<string, string>, tries = 4): Promise<ServerProcess> {
  try {
    return await startProcess(CLI, () => undefined, environment);
  } catch (error) {
    if (tries === 1) throw error;
    return started(environment, tries - 1);
  }
}

/** Kills a process after a time, unless it has ended; says whether it did. */
function killLater(pid: number, afterMs: number): () => boolean {
  let killed = false;
  if (!Number.isFinite(afterMs)) return () => false;
  const timer = setTimeout(() => {
    try {
      process.kill(pid, 'SIGKILL');
      killed = true;
    } catch {
      // It has ended by itself.
    }
  }, afterMs);
  return () => {
    clearTimeout(timer);
    return killed;
  };
}

/** Runs something, and sees that it leaves no process behind. */
async function timed(
  dataset: string,
  run: (environment: Record<string, string>) => Promise<Omit<StepRun, 'seconds'>>,
): Promise<StepRun> {
  const started = performance.now();
  // Whatever it starts inherits this.
  const mark = randomUUID();
  const found = await run({ CLIPCOV_TEST: mark, TMPDIR: join(dataset, '..', 'temporary') });
  const seconds = (performance.now() - started) / 1000;
  const left = await processesWith(mark);
  if (left.length > 0) throw new Error(`processes were left behind: ${left.join(', ')}`);
  return { ...found, seconds };
}

/** Processes whose environment holds a mark, once those that are ending have had a few seconds for it. */
export async function processesWith(mark: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  for (let tries = 0; ; tries++) {
    const found = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(mark),
    );
    if (found.length === 0 || tries === 60) return found;
    await new Promise((later) => setTimeout(later, 50));
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
