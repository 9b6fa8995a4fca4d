import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClipcovError } from '../../server/errors.js';
import { givenFiles, type Target } from './givenFiles.js';
import { residentMegabytes } from './memory.js';
import { Random } from './random.js';

export interface FuzzedFiles {
  files: number;
  /** Files that were read, and those that were refused with a reason. */
  read: number;
  refused: number;
  /** The slowest, in ms. */
  slowest: number;
  /** Resident memory of this process, in MB, after a tenth of the files and at the end. */
  memory: [number, number];
}

/** Of so many choices of a target that takes long, one is followed. */
const RARELY = 20;
const SUSPECT_MS = 500;

/**
 * Damages sound files of every kind that is read, those that ClipCov wrote itself too, and reads them. What is wrong must be said in a ClipcovError, or cost rows of
 * its own; anything else fails, with the seed and the number that make the file again.
 */
export async function fuzzFiles(
  files: number,
  seed: number,
  { kinds = 'all' }: { kinds?: 'all' | 'given' } = {},
): Promise<FuzzedFiles> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-fuzz-'));
  const found: FuzzedFiles = { files: 0, read: 0, refused: 0, slowest: 0, memory: [0, 0] };
  try {
    const targets = [
      ...(await givenFiles(folder)),
      // Those of others alone are made in a moment: nothing that makes ours is loaded.
      ...(kinds === 'all' ? await (await import('./storedFiles.js')).storedFiles(folder) : []),
    ];
    const target = (): Target => {
      const chosen = random.of(targets);
      return chosen.rarely && random.below(RARELY) > 0 ? target() : chosen;
    };
    for (let number = 1; number <= files; number++) {
      const { name, sample, read } = target();
      const bytes = random.mutated(sample);
      const file = join(folder, 'mutated', name);
      /** Whether it was read, and in how many ms. */
      const attempt = async (): Promise<[boolean, number]> => {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
        const started = performance.now();
        try {
          await read(file, bytes);
          return [true, performance.now() - started];
        } catch (error) {
          if (error instanceof ClipcovError) return [false, performance.now() - started];
          throw new Error(`${name}, file ${number} of seed ${seed}`, { cause: error });
        } finally {
          rmSync(join(folder, 'mutated'), { recursive: true, force: true });
        }
      };
      const [isRead, once] = await attempt();
      // A busy machine is slow once, a file that hangs its reader always.
      const took = once < SUSPECT_MS ? once : Math.min(once, (await attempt())[1]);
      if (isRead) found.read++;
      else found.refused++;
      found.slowest = Math.max(found.slowest, took);
      found.files = number;
      if (number % 5_000 === 0) console.error(JSON.stringify(found));
      if (number === Math.ceil(files / 10)) found.memory[0] = residentMegabytes(process.pid);
    }
    found.memory[1] = residentMegabytes(process.pid);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [files = 100_000, seed = 1] = process.argv.slice(2, 4).map(Number);
  const kinds = process.argv[4] === 'given' ? 'given' : 'all';
  console.log(JSON.stringify(await fuzzFiles(files, seed, { kinds })));
}
