import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { ClipcovError } from '../errors.js';
import { PARQUET, type Database } from '../dataset/database.js';
import { sqlString } from '../dataset/database.js';
import { npyBytes, openNpy } from './npy.js';
import { produceAside, writeAside } from './aside.js';
import { fileChecksum, parseChecksums, rowsChecksum, type PartChecksums } from './partChecksums.js';

/** A usable row of a part, as `metadata_N.parquet` holds it. */
export interface PartRow {
  id: number;
  /** As the dataset writes it: relative to the dataset's folder, or absolute under an approved root. */
  image_path: string;
  caption: string;
  image_sha256: string;
  /** Null throughout where the dataset has none; then the file has no such column. */
  uid: string | null;
}

/** A row left out of a part, a line of `skipped_N.jsonl`. */
export interface SkippedRow {
  id: number;
  reason: string;
  where: string;
}

export interface PartPaths {
  images: string;
  texts: string;
  metadata: string;
  skipped: string;
}

const KINDS = {
  images: ['img_emb', 'npy'],
  texts: ['text_emb', 'npy'],
  metadata: ['metadata', 'parquet'],
  skipped: ['skipped', 'jsonl'],
} as const;

/** The files of part `index` of `parts`, numbered as clip-retrieval numbers them. */
export function partPaths(folder: string, index: number, parts: number): PartPaths {
  const number = String(index).padStart(Math.floor(Math.log10(Math.max(1, parts))) + 1, '0');
  const path = (kind: keyof typeof KINDS): string =>
    join(folder, KINDS[kind][0], `${KINDS[kind][0]}_${number}.${KINDS[kind][1]}`);
  return {
    images: path('images'),
    texts: path('texts'),
    metadata: path('metadata'),
    skipped: path('skipped'),
  };
}

/**
 * Writes a part. The metadata go last: a part without them is not there. They are removed before anything else of an
 * older part is replaced, so a kill between two renames never leaves rows of one beside embeddings of the other.
 */
export async function writePart(
  paths: PartPaths,
  database: Database,
  rows: PartRow[],
  images: Uint16Array,
  texts: Uint16Array,
  dim: number,
  skipped: SkippedRow[],
  devices: string[],
): Promise<void> {
  await rm(paths.metadata, { force: true });
  const files = { images: npyBytes(images, dim), texts: npyBytes(texts, dim) };
  await writeAside(paths.images, files.images);
  await writeAside(paths.texts, files.texts);
  if (skipped.length)
    await writeAside(paths.skipped, skipped.map((row) => `${JSON.stringify(row)}\n`).join(''));
  else await rm(paths.skipped, { force: true });
  await database.run(
    'CREATE OR REPLACE TEMP TABLE part(id BIGINT, image_path VARCHAR, caption VARCHAR, image_sha256 VARCHAR, uid VARCHAR)',
  );
  await database.append(
    'part',
    ['BIGINT', 'VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR'],
    rows.map((row) => [row.id, row.image_path, row.caption, row.image_sha256, row.uid]),
  );
  const columns = rows.some(({ uid }) => uid !== null) ? '*' : '* EXCLUDE (uid)';
  const sums: PartChecksums = {
    images: crc32(files.images),
    texts: crc32(files.texts),
    rows: rowsChecksum(rows),
  };
  const notes = { [CHECKSUMS]: JSON.stringify(sums), ...(devices.length && { [DEVICES]: devices.join() }) };
  const noted = Object.entries(notes).map(([key, value]) => `'${key}': ${sqlString(value)}`);
  await produceAside(paths.metadata, (aside) =>
    database.run(
      `COPY (SELECT ${columns} FROM part ORDER BY id) TO ${sqlString(aside)} (FORMAT parquet, KV_METADATA {${noted.join()}})`,
    ),
  );
}

/** Keys in a part's metadata file: the devices that computed it, separated by commas, and its checksums as JSON. */
const DEVICES = 'clipcov.devices';
const CHECKSUMS = 'clipcov.crc32';

/** The devices that computed each part, by its metadata file; a part of an earlier version or of another program says none. */
export async function partDevices(files: string[], database: Database): Promise<Map<string, string[]>> {
  const notes = await notesOf(files, DEVICES, database);
  return new Map([...notes].map(([file, devices]) => [file, devices.split(',')]));
}

/** What stands under a key in metadata files, by file. */
export async function notesOf(
  files: string[],
  key: string,
  database: Database,
): Promise<Map<string, string>> {
  if (files.length === 0) return new Map();
  const rows = await database.all<{ file: string; value: string }>(
    `SELECT file_name AS file, decode(value) AS value
     FROM parquet_kv_metadata([${files.map(sqlString).join()}]) WHERE decode(key) = ${sqlString(key)}`,
  );
  return new Map(rows.map(({ file, value }) => [file, value]));
}

/** The rows of a finished part, or null where it is not there: a file is missing, damaged, or of other rows than the rest. */
export async function partRows(
  paths: Pick<PartPaths, 'metadata' | 'images' | 'texts'>,
  database: Database,
): Promise<PartRow[] | null> {
  if (![paths.metadata, paths.images, paths.texts].every((file) => existsSync(file))) return null;
  try {
    const [images, texts] = [openNpy(paths.images), openNpy(paths.texts)];
    const held = await database.all<PartRow>(`SELECT * FROM ${PARQUET} ORDER BY id`, [paths.metadata]);
    if (images.rows !== held.length || texts.rows !== held.length || images.columns !== texts.columns)
      return null;
    const rows = held.map((row) => ({ ...row, uid: row.uid ?? null }));
    const sums = parseChecksums((await notesOf([paths.metadata], CHECKSUMS, database)).get(paths.metadata));
    // One flipped byte of Parquet's footer may hide all notes: what has no checksums cannot be told from that.
    if (sums === null) return null;
    const sound =
      sums.rows === rowsChecksum(rows) &&
      sums.images === (await fileChecksum(paths.images)) &&
      sums.texts === (await fileChecksum(paths.texts));
    return sound ? rows : null;
  } catch {
    return null;
  }
}

/** A finished part with what it leaves out, or null where it is not there or damaged. */
export async function readPart(
  paths: PartPaths,
  database: Database,
): Promise<{ rows: PartRow[]; skipped: SkippedRow[] } | null> {
  const rows = await partRows(paths, database);
  if (rows === null) return null;
  try {
    return { rows, skipped: readSkipped(paths.skipped) };
  } catch {
    return null;
  }
}

const skippedRow = z.object({ id: z.number().int().nonnegative(), reason: z.string(), where: z.string() });

/** The rows that a part leaves out. */
export function readSkipped(file: string): SkippedRow[] {
  if (!existsSync(file)) return [];
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => skippedRow.parse(JSON.parse(line)));
  } catch (cause) {
    throw new ClipcovError('store-broken', 'The list of skipped rows cannot be read.', {
      where: file,
      fix: 'Embed the dataset again: what is damaged is made again, the rest is kept.',
      cause,
    });
  }
}

/**
 * Brings an existing store to `parts` parts: other widths of the number are renamed, unfinished files removed, parts
 * beyond the last one handed to `retire`. May be stopped anywhere and run again.
 */
export async function tidyParts(
  folder: string,
  parts: number,
  retire: (paths: PartPaths) => Promise<void>,
): Promise<void> {
  const beyond = new Map<number, PartPaths>();
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    const [name, extension] = KINDS[kind];
    const directory = join(folder, name);
    await mkdir(directory, { recursive: true });
    for (const file of await readdir(directory)) {
      const number = new RegExp(`^${name}_(\\d+)\\.${extension}$`).exec(file)?.[1];
      const old = join(directory, file);
      if (number === undefined) {
        if (file.endsWith('.partial')) await rm(old, { force: true });
      } else if (Number(number) >= parts) {
        const paths = beyond.get(Number(number)) ?? partPaths(folder, Number(number), parts);
        beyond.set(Number(number), { ...paths, [kind]: old });
      } else {
        const wanted = partPaths(folder, Number(number), parts)[kind];
        if (wanted !== old) await rename(old, wanted);
      }
    }
  }
  for (const paths of beyond.values()) await retire(paths);
}
