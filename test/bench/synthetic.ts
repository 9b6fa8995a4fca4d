import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, measure, PEER, type Measured } from './measure.js';
import { readNpyIntegers } from './npyIntegers.js';

export const FOLDER = join(tmpdir(), 'clipcov-bench');

/** A synthetic store of the peer's generator, d = 512; kept for the next run. */
export interface Synthetic {
  folder: string;
  classes: string;
  pairs: number;
}

export async function synthetic(pairs: number, classCount: number): Promise<Synthetic> {
  mkdirSync(FOLDER, { recursive: true });
  const folder = join(FOLDER, `synthetic-${pairs}-${classCount}`);
  const generator = join(PEER, 'gen_embeddings.py');
  const options = ['--pairs', String(pairs), '--classes', String(classCount)];
  // The truth is written last.
  if (!existsSync(join(folder, 'truth.npy'))) await measure('python3', [generator, folder, ...options]);
  return { folder, classes: join(folder, 'class_emb.npy'), pairs };
}

export interface Selected extends Measured {
  picks: number[];
  /** By stage, as the program printed them. */
  stages: Record<string, number>;
  /** From opening the store to the written subset: all stages. */
  total: number;
  objective: number;
}

/** `clipcov select STORE --budget 10%` on the CPU. */
export async function select(data: Synthetic): Promise<Selected> {
  // What an earlier run kept would save half of the work that is measured.
  rmSync(join(data.folder, '.clipcov'), { recursive: true, force: true });
  const args = ['select', data.folder, '--budget', '10%', '--class-embeddings', data.classes];
  const out = ['--device', 'cpu', '--json', '--out', join(FOLDER, 'bench')];
  const measured = await measure(process.execPath, [CLI, ...args, ...out]);
  const printed = JSON.parse(measured.stdout) as {
    picks: number[];
    seconds: Record<string, number>;
    objective: { value: number };
  };
  return {
    ...measured,
    picks: printed.picks,
    stages: printed.seconds,
    total: Object.values(printed.seconds).reduce((a, b) => a + b, 0),
    objective: printed.objective.value,
  };
}

/** The released notebook's procedure on the same files: its seconds from reading to the last pick, and its picks. */
export async function notebook(data: Synthetic): Promise<{ total: number; picks: number[] }> {
  const out = join(FOLDER, 'notebook.npy');
  const script = join(PEER, 'notebook_procedure.py');
  const { stdout } = await measure('python3', [script, data.folder, '--budget', '0.1', '--out', out]);
  return { total: (JSON.parse(stdout) as { total_s: number }).total_s, picks: readNpyIntegers(out) };
}
