import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Stage } from '../../server/protocol/progress.js';
import { assemble } from '../demo/assemble.js';
import { Random } from '../fuzz/random.js';
import { contentsOf, difference } from './contents.js';
import { steps } from './steps.js';

export interface Killed {
  kills: number;
  /** Runs after a kill, each going on from what that left. */
  resumed: number;
  /** Ends that were compared with those of runs which nobody disturbed. */
  compared: number;
  /** What was killed, and in which stage. */
  steps: Record<string, number>;
  stages: Partial<Record<Stage | 'before', number>>;
}

/** So many kills of a step one after another, at most, then it is let come to its end. */
const IN_A_ROW = 4;

/**
 * Kills everything that leaves files behind at random moments, and lets it end after every few: the end must have the bytes of
 * runs that nobody disturbed, with no process, lock or unfinished file left.
 */
export async function killCommands(
  kills: number,
  seed: number,
  { pairs = 200, only = steps, onProgress = (_: Killed): void => undefined } = {},
): Promise<Killed> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-kills-'));
  const found: Killed = { kills: 0, resumed: 0, compared: 0, steps: {}, stages: {} };
  try {
    const [quiet, disturbed] = [join(folder, 'quiet', 'icons'), join(folder, 'disturbed', 'icons')];
    for (const dataset of [quiet, disturbed]) {
      await assemble(dataset, { pairs });
      mkdirSync(join(dataset, '..', 'temporary'));
    }
    const seconds: number[] = [];
    /** What stands there after each step. */
    const expected: Map<string, string>[] = [];
    for (const step of only) {
      seconds.push((await step.run(quiet, Infinity)).seconds);
      expected.push(contentsOf(quiet));
    }
    while (found.kills < kills) {
      for (const part of ['.clipcov', 'subsets', 'out'])
        rmSync(join(disturbed, part), { recursive: true, force: true });
      for (const [i, step] of only.entries()) {
        let wasKilled = false;
        const wanted = Math.min(1 + random.below(IN_A_ROW), kills - found.kills);
        for (let kill = 0; kill < wanted; kill++) {
          const { killed, stage } = await step.run(disturbed, random.next() * seconds[i]! * 1000);
          if (wasKilled) found.resumed++;
          wasKilled = killed;
          if (!killed) break;
          found.kills++;
          found.steps[step.name] = (found.steps[step.name] ?? 0) + 1;
          found.stages[stage] = (found.stages[stage] ?? 0) + 1;
        }
        await step.run(disturbed, Infinity);
        if (wasKilled) found.resumed++;
        const differing = difference(expected[i]!, contentsOf(disturbed));
        if (differing)
          throw new Error(`${step.name} after kill ${found.kills} of seed ${seed}: ${differing}`);
        found.compared++;
        onProgress(found);
      }
    }
    const left = readdirSync(join(disturbed, '..', 'temporary'));
    if (left.length > 0) throw new Error(`temporary files were left behind: ${left.join(', ')}`);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kills = 200, seed = 1] = process.argv.slice(2).map(Number);
  const onProgress = ({ kills: done, compared }: Killed): void =>
    console.error(`${done} kills, ${compared} compared`);
  console.log(JSON.stringify(await killCommands(kills, seed, { onProgress })));
}
