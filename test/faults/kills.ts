import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '../../extension/server/client.js';
import { startProcess } from '../../extension/server/process.js';
import type { Stage } from '../../server/protocol/progress.js';
import { quickModel } from '../bench/quickModel.js';
import { drawn } from '../demo/drawn.js';
import { Random } from '../fuzz/random.js';
import { CLI } from '../server/cli.js';
import { contentsOf, difference, howTheyDiffer } from './contents.js';
import { processesWith } from './steps.js';

export interface Killed {
  kills: number;
  /** Runs that were let come to their end, each compared with one that nobody disturbed. */
  resumed: number;
  /** In which stage servers were killed. */
  stages: Partial<Record<Stage | 'before', number>>;
}

/** With the embedded one nearly all of the time, and so of the kills, would be its image tower's. */
const model = quickModel();
const PARAMS = { budget: '20%', device: 'cpu', nearDuplicates: 0.05, evaluate: true } as const;
/** Two parts of a store. */
const PAIRS = 1300;
/** So many kills one after another, then a run to the end. */
const IN_A_ROW = 4;

/**
 * Kills real servers at random moments of the main job, and lets it end after every few: each end must have the bytes of a
 * run that nobody disturbed, and leave no process, lock or unfinished file behind.
 */
export async function killAtRandom(
  kills: number,
  seed: number,
  onProgress = (_: Killed): void => undefined,
): Promise<Killed> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-kills-'));
  const found: Killed = { kills: 0, resumed: 0, stages: {} };
  try {
    const [quiet, disturbed] = [join(folder, 'quiet', 'icons'), join(folder, 'disturbed', 'icons')];
    await drawn(quiet, PAIRS);
    await drawn(disturbed, PAIRS);
    const whole = await run(quiet, Infinity);
    const expected = contentsOf(quiet);
    while (found.kills < kills) {
      for (const part of ['.clipcov', 'subsets'])
        rmSync(join(disturbed, part), { recursive: true, force: true });
      for (let i = 0; i < IN_A_ROW && found.kills < kills; i++) {
        const { killed, stage } = await run(disturbed, random.next() * whole.seconds * 1000);
        if (!killed) break;
        found.kills++;
        found.stages[stage] = (found.stages[stage] ?? 0) + 1;
      }
      const last = await run(disturbed, Infinity);
      if (last.killed) throw new Error('nobody killed it');
      const after = contentsOf(disturbed);
      const differing = difference(expected, after);
      if (differing) {
        const both = [...after].filter(([name, hash]) => (expected.get(name) ?? hash) !== hash);
        const how = both.map(([name]) => howTheyDiffer([quiet, disturbed], name)).join('\n');
        throw new Error(`after kill ${found.kills} of seed ${seed}: ${differing}\n${how}`);
      }
      found.resumed++;
      onProgress(found);
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The main job in a server of its own, which is killed after some milliseconds. */
async function run(
  source: string,
  afterMs: number,
): Promise<{ killed: boolean; stage: Stage | 'before'; seconds: number }> {
  const started = performance.now();
  // Whatever it starts inherits this.
  const mark = randomUUID();
  const server = await startProcess(CLI, () => undefined, { CLIPCOV_TEST: mark });
  const client = await Client.connect(server.handshake);
  let stage: Stage | 'before' = 'before';
  let killed = false;
  const timer = Number.isFinite(afterMs)
    ? setTimeout(() => {
        killed = true;
        process.kill(server.pid, 'SIGKILL');
      }, afterMs)
    : undefined;
  try {
    await client.request(
      'select',
      { source, ...PARAMS, model },
      { onProgress: (progress) => (stage = progress.stage) },
    );
  } catch (error) {
    if (!killed) throw error;
  } finally {
    clearTimeout(timer);
    client.dispose();
    await server.stop();
  }
  const left = await processesWith(mark);
  if (left.length > 0) throw new Error(`processes were left behind: ${left.join(', ')}`);
  return { killed, stage, seconds: (performance.now() - started) / 1000 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kills = 200, seed = 1] = process.argv.slice(2).map(Number);
  const onProgress = ({ kills: done, resumed }: Killed): void =>
    console.error(`${done} kills, ${resumed} runs to the end compared`);
  console.log(JSON.stringify(await killAtRandom(kills, seed, onProgress)));
}
