import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble } from '../demo/assemble.js';
import { Random } from '../fuzz/random.js';
import { runCommand, CLI, type Ran } from '../server/cli.js';
import { contentsOf, difference } from './contents.js';
import { smallDisk } from './smallDisk.js';
import { commands } from './steps.js';

export interface Filled {
  /** Runs that met a full disk, by command. */
  refused: Record<string, number>;
  /** Runs for which the room was enough after all. */
  enough: number;
}

/** With this much room each of the commands has enough: the catalogue alone takes one megabyte. */
const MOST_ROOM = 1_600_000;

/**
 * Has every command meet a full disk, at random amounts of room: what it says must name a file and what to do, nothing
 * unfinished may stay, and once there is room the run goes on to the bytes of one that had room. Null where no small disk can
 * be had.
 */
export async function fillAtRandom(
  tries: number,
  seed: number,
  only = Object.keys(commands),
): Promise<Filled | null> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-full-'));
  const disk = smallDisk(join(folder, 'disk'), 24);
  const found: Filled = { refused: {}, enough: 0 };
  try {
    if (!disk) return null;
    const roomy = join(folder, 'icons');
    const dataset = join(disk.folder, 'icons');
    await assemble(roomy, { pairs: 150 });
    cpSync(roomy, dataset, { recursive: true, preserveTimestamps: true });
    for (const name of only) {
      const args = commands[name]!;
      await succeeds(args(roomy));
      const before = contentsOf(dataset);
      for (let i = 0; i < tries; i++) {
        disk.fill(random.below(MOST_ROOM));
        const { code, stderr } = await run(args(dataset));
        disk.makeRoom();
        if (code === 0) found.enough++;
        else {
          refuses(name, stderr, dataset);
          found.refused[name] = (found.refused[name] ?? 0) + 1;
        }
        // The catalogue's own journal may stay: it is what a database goes on from.
        // The journal of the catalogue may stay: it is what DuckDB goes on from.
        const unfinished = [...contentsOf(dataset).keys()].filter(
          (file) => !before.has(file) && /partial|\.lock$/.test(file),
        );
        if (unfinished.length > 0) throw new Error(`${name} left ${unfinished.join(', ')}`);
      }
      await succeeds(args(dataset));
      const differing = difference(contentsOf(roomy), contentsOf(dataset));
      if (differing) throw new Error(`after ${name} had met a full disk: ${differing}`);
    }
    return found;
  } finally {
    disk?.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

function refuses(name: string, stderr: string, dataset: string): void {
  const said = stderr.trimEnd().split('\n').at(-1)!;
  const inFolder = readdirSync(dataset).length > 0 && said.includes(dataset);
  if (
    !/^clipcov: Cannot write: the disk is full\./.test(said) ||
    !inFolder ||
    !said.endsWith('Make room, then run again.')
  )
    throw new Error(`${name} says of a full disk: ${said}`);
}

async function succeeds(args: string[]): Promise<void> {
  const { code, stderr } = await run(args);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${stderr.slice(-1000)}`);
}

function run(args: string[]): Promise<Ran> {
  // An earlier export is in the way of the next one.
  if (args[0] === 'export') rmSync(args.at(-1)!, { recursive: true, force: true });
  return runCommand(process.execPath, [CLI, ...args]).ended;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [tries = 20, seed = 1] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(await fillAtRandom(tries, seed)));
}
