import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeAside } from '../embeddings/aside.js';
import type { Evaluated } from '../evaluation/evaluated.js';
import type { Weights } from '../protocol/selection.js';

/** Changes when a measure does, or how it is kept: what was kept before is then measured again. */
const MEASURES = 9;
export const ALL_PAIRS = 'all pairs';

/** What measured subsets must have in common to stand in one table, in words and numbers for a reader. */
export interface SweepSettings {
  classes: string;
  budgets: { text: string; pairs: number }[];
  weights: Weights;
  holdout: string | null;
  /** Names of labelled sets. */
  on: string[];
  /** About linear CLIP, see heldOutNote. */
  note: string | null;
}

/** A method's subsets of every budget with one seed, measured. */
export interface KeptRun {
  method: string;
  seed: number;
  /** One a budget; of all pairs just one. */
  measures: Evaluated[];
}

/** What was measured at once, and all pairs with it: the last digits depend on what is multiplied together. */
export interface KeptBatch {
  runs: KeptRun[];
  full: Evaluated;
}

interface KeptFile extends KeptBatch {
  measuresVersion: number;
  /** Of everything that the measures depend on but methods and seeds. */
  ground: string;
  settings: SweepSettings;
}

type Home = { makeHome(): Promise<void> };

/**
 * Measured subsets of a ground set on disk, a file for what was measured at once, which is there as a whole or not at all, and the
 * picks that were to be measured. A cache: what cannot be read is measured again.
 */
export class KeptMeasures {
  private readonly folder: string;
  private readonly ground: string;
  private readonly batches: readonly KeptBatch[];

  constructor(
    home: string,
    ground: unknown[],
    readonly settings: SweepSettings,
  ) {
    this.folder = measuredFolder(home);
    this.ground = createHash('sha256')
      .update(JSON.stringify([ground, settings]))
      .digest('hex');
    this.batches = keptFiles(home).filter((file) => file.ground === this.ground);
  }

  /** The measures of a run, and those of all pairs that were found with them. */
  read(method: string, seed: number): { measures: Evaluated[]; full: Evaluated } | null {
    for (const { runs, full } of this.batches) {
      const run = runs.find((one) => one.method === method && one.seed === seed);
      if (run) return { measures: run.measures, full };
    }
    return null;
  }

  write(batch: KeptBatch, workspace: Home): Promise<void> {
    const { ground, settings } = this;
    const file: KeptFile = { measuresVersion: MEASURES, ground, settings, ...batch };
    const runs = batch.runs.map(({ method, seed }) => [method, seed]);
    return this.keep(this.file(runs, 'json'), withChecksum(file), workspace);
  }

  /** The picks of a run that was stopped before they were measured. */
  readOrder(method: string, seed: number, tableRows: number): Int32Array | null {
    const file = this.file([method, seed], 'picks');
    if (!existsSync(file)) return null;
    const bytes = readFileSync(file);
    const end = bytes.length - CHECKSUM_BYTES;
    if (end < 0 || bytes.length % 4 || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return null;
    const rows = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + end));
    return rows.every((row) => row >= 0 && row < tableRows) ? rows : null;
  }

  writeOrder(method: string, seed: number, rows: Int32Array, workspace: Home): Promise<void> {
    const bytes = Buffer.alloc(rows.byteLength + CHECKSUM_BYTES);
    bytes.set(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
    bytes.writeUInt32LE(crc32(bytes.subarray(0, rows.byteLength)), rows.byteLength);
    return this.keep(this.file([method, seed], 'picks'), bytes, workspace);
  }

  private async keep(file: string, content: string | Buffer, workspace: Home): Promise<void> {
    try {
      await workspace.makeHome();
      await writeAside(file, content);
    } catch {
      // A store that cannot be written to is measured again next time.
    }
  }

  private file(of: unknown[], extension: string): string {
    const key = JSON.stringify([MEASURES, this.ground, of]);
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
    return join(this.folder, `${hash}.${extension}`);
  }
}

/** What sweeps have measured of a dataset, those that can stand in one table together. */
export function keptGroups(home: string): { settings: SweepSettings; runs: KeptRun[] }[] {
  const groups = new Map<string, KeptFile[]>();
  for (const file of keptFiles(home)) groups.set(file.ground, [...(groups.get(file.ground) ?? []), file]);
  return [...groups.values()].map((files) => {
    // All pairs as they were found with most of the others.
    const [most] = files.toSorted((a, b) => b.runs.length - a.runs.length);
    const all: KeptRun = { method: ALL_PAIRS, seed: 0, measures: [most!.full] };
    const runs = [all, ...files.flatMap((file) => file.runs)];
    runs.sort((a, b) => (a.method < b.method ? -1 : a.method > b.method ? 1 : a.seed - b.seed));
    return { settings: most!.settings, runs };
  });
}

/** By their names. */
function keptFiles(home: string): KeptFile[] {
  const folder = measuredFolder(home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => readKept(join(folder, name)) ?? []);
}

function measuredFolder(home: string): string {
  return join(home, 'measured');
}

/** At the end of a file of picks. */
const CHECKSUM_BYTES = 4;

function withChecksum(file: KeptFile): string {
  return JSON.stringify({ ...file, crc32: crc32(JSON.stringify(file)) });
}

/** Null where the file is not there, was written by another version, or is damaged. */
function readKept(file: string): KeptFile | null {
  try {
    const { crc32: sum, ...found } = JSON.parse(readFileSync(file, 'utf8')) as KeptFile & { crc32: unknown };
    return found.measuresVersion === MEASURES && crc32(JSON.stringify(found)) === sum ? found : null;
  } catch {
    return null;
  }
}
