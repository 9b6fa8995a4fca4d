import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLI } from '../server/cli.js';
import { root } from '../setup/paths.js';
import { hostileDataset, SOUND } from './hostileDataset.js';
import { strayed, type Places } from './places.js';
import { traced, whyNoTrace } from './trace.js';

export interface Watched {
  /** Files and addresses that were asked for, each once. */
  accesses: number;
  /** Those that nobody had a reason to ask for, as strace wrote the calls. */
  strayed: string[];
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Fuzzed files of one trace: it grows by about a hundred lines a file. */
const TOGETHER = 2_000;

/** A folder for a traced program, in which everything it may use lies. */
class Sandbox {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipcov-access-')));
  readonly temporary = this.make('temporary');

  make(name: string): string {
    mkdirSync(this.path(name), { recursive: true });
    return this.path(name);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a script of this folder, which must end well. */
  async run(script: string, args: string[], places: Places): Promise<Watched> {
    const command = [process.execPath, '--import', 'tsx', join(HERE, script), ...args];
    const home = this.make('home');
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: this.temporary };
    const { ran, accesses } = await traced(command, { cwd: root, env, folder: this.path('trace') });
    if (ran.code !== 0) throw new Error(`${script} ended with ${ran.code}: ${ran.stderr.slice(-2_000)}`);
    const { read, write } = places;
    // Where Node looks for packages besides.
    const packages = ['.node_modules', '.node_libraries'].map((name) => join(home, name));
    const found = strayed(accesses, { read: [...read, ...packages], write: [...write, this.temporary] });
    return { accesses: accesses.length, strayed: found.map(({ call }) => call) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What the readers of all formats ask the system for while they read damaged files. */
export async function watchFiles(
  files: number,
  seed: number,
  kinds: 'all' | 'given' = 'all',
): Promise<Watched> {
  const found: Watched = { accesses: 0, strayed: [] };
  for (let done = 0; done < files; done += TOGETHER) {
    const sandbox = new Sandbox();
    try {
      const args = [String(Math.min(TOGETHER, files - done)), String(seed + done), kinds];
      // The files lie in the temporary folder.
      const { accesses, strayed } = await sandbox.run('files.ts', args, { read: [], write: [] });
      found.accesses += accesses;
      found.strayed.push(...strayed);
    } finally {
      sandbox.remove();
    }
  }
  return found;
}

/** What the main job asks for on a dataset that names files of others: embeddings, subset, exports and previews. */
export async function watchJobs(): Promise<Watched> {
  const sandbox = new Sandbox();
  try {
    const dataset = sandbox.make('dataset');
    await hostileDataset(dataset, sandbox.path('outside'));
    const [stores, out] = ['stores', 'out'].map((name) => sandbox.make(name)) as [string, string];
    const subsets = sandbox.make('dataset/subsets');
    return await sandbox.run('hostileJobs.ts', [CLI, dataset, stores, out, String(SOUND)], {
      read: [dataset],
      write: [subsets, stores, out],
    });
  } finally {
    sandbox.remove();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [files = 10_000, seed = 1] = process.argv.slice(2).map(Number);
  const why = whyNoTrace();
  if (why !== null) throw new Error(why);
  const watched = { files: await watchFiles(files, seed), jobs: await watchJobs() };
  console.log(JSON.stringify(watched, null, 2));
  if (watched.files.strayed.length + watched.jobs.strayed.length > 0) process.exitCode = 1;
}
