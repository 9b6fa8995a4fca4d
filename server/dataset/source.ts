import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { ClipcovError } from '../errors.js';
import type { WantedColumns } from './columns.js';
import { loadPlainCsv } from './fastCsv.js';
import { readFolder } from './folder.js';
import type { Incoming } from './incoming.js';
import { loadParquet } from './parquetTable.js';
import { readTable, TABLE_EXTENSIONS } from './table.js';
import { findShards, readWebDataset } from './webdataset.js';

/** What a path turned out to be. */
export type Source = { kind: 'store'; root: string } | DatasetSource;

export interface DatasetSource {
  kind: 'table' | 'folder' | 'webdataset' | 'parquet';
  /** What image paths are relative to. */
  root: string;
  path: string;
  /** The files that hold the rows, relative to the root; null where images and captions are files of their own. */
  files: string[] | null;
  /** Adds every row, in the order of their ids. */
  load(into: Incoming, wanted?: WantedColumns): Promise<void>;
}

/**
 * A dataset table, shards, Parquet files, a folder of any of these or of images with captions beside them, or an
 * embedding store. `check` is asked while folders are searched, and throws to cancel.
 */
export async function openSource(path: string, check: () => void = () => undefined): Promise<Source> {
  const full = resolve(path);
  const info = await stat(full).catch((cause: unknown) => {
    throw new ClipcovError('source-missing', 'There is no such dataset.', {
      where: full,
      fix: 'Give a dataset folder, a table (CSV, TSV, JSONL, Parquet), a WebDataset tar, or an embedding folder.',
      cause,
    });
  });
  if (info.isFile()) return fileSource(full, check);
  if (isStore(full)) return { kind: 'store', root: full };
  const images = await findImages(full, check);
  const folder: DatasetSource = {
    kind: 'folder',
    root: full,
    path: full,
    files: null,
    load: (into) => into.addAll(readFolder(full, check)),
  };
  // Images with captions of their own, or shards, are the dataset; a table beside them may be an export of a subset.
  if (images === 'captioned') return folder;
  const shards = await findShards(full, '.tar');
  if (shards.length) return shardSource(full, full, shards, check);
  const names = (await readdir(full)).sort();
  const tables = names.filter(isTable);
  if (tables.length === 1) return tableSource(join(full, tables[0]!));
  if (tables.length > 1)
    throw new ClipcovError(
      'source-ambiguous',
      `The folder holds ${tables.length} tables: ${tables.join(', ')}.`,
      { where: full, fix: 'Choose one of the tables instead of the folder.' },
    );
  const parquet = (await findShards(full, '.parquet')).filter((file) => !isPicks(join(full, file)));
  if (parquet.length) return parquetSource(full, full, parquet);
  if (images === 'bare') return folder;
  const below = await tablesBelow(full);
  throw new ClipcovError('source-empty', 'The folder holds no dataset: no table, no images with captions.', {
    where: full,
    fix: below.length
      ? `There are tables further down: give one of them, or its folder (${below.join(', ')}).`
      : 'Choose a folder with a table (CSV, TSV, JSONL, Parquet), WebDataset tars, or images and .txt captions of the same name.',
  });
}

/** Tables in the folders of a folder, a few of them, relative to it. */
async function tablesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const { name } of entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .sort(byName))
    for (const file of (await readdir(join(folder, name)).catch(() => [])).sort()) {
      if (isTable(file)) found.push(join(name, file));
      if (found.length === TABLES_NAMED) return found;
    }
  return found;
}

const TABLES_NAMED = 5;
const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

function isTable(name: string): boolean {
  return ['.csv', '.tsv', '.jsonl'].includes(extname(name).toLowerCase());
}

const PACKED = /\.(tar\.\w+|tgz|tbz2?|txz|zip|gz|zst|xz|bz2|7z)$/i;

function fileSource(file: string, check: () => void): DatasetSource {
  const extension = extname(file).toLowerCase();
  const root = dirname(file);
  if (TABLE_EXTENSIONS.includes(extension)) return tableSource(file);
  if (extension === '.parquet') return parquetSource(root, file, [basename(file)]);
  if (extension === '.tar') return shardSource(root, file, [basename(file)], check);
  if (PACKED.test(file))
    throw new ClipcovError(
      'source-unknown',
      'A compressed archive is not read: its images must be found in place.',
      {
        where: file,
        fix: 'Unpack it to a tar (gunzip, unzstd) or to a folder, and give that.',
      },
    );
  throw new ClipcovError('source-unknown', 'The file is not a dataset that ClipCov reads.', {
    where: file,
    fix: `Give one of ${[...TABLE_EXTENSIONS, '.parquet', '.tar'].join(', ')}, or a folder.`,
  });
}

function tableSource(file: string): DatasetSource {
  const load: DatasetSource['load'] = async (into, wanted) => {
    const plain = ['.csv', '.tsv', '.txt'].includes(extname(file).toLowerCase());
    if (!plain || !(await loadPlainCsv(file, into, wanted))) await into.addAll(readTable(file, wanted));
  };
  return { kind: 'table', root: dirname(file), path: file, files: [basename(file)], load };
}

function shardSource(root: string, path: string, files: string[], check: () => void): DatasetSource {
  const load = (into: Incoming): Promise<void> => into.addAll(readWebDataset(root, files, check));
  return { kind: 'webdataset', root, path, files, load };
}

function parquetSource(root: string, path: string, files: string[]): DatasetSource {
  return {
    kind: 'parquet',
    root,
    path,
    files,
    load: (into, wanted) => loadParquet(root, files, into, wanted),
  };
}

const IMAGES_LOOKED_AT = 100;

/**
 * Whether images lie in the folder or below, and whether the first ones have captions of their own. Looks at a few
 * images only: a folder may hold millions.
 */
async function findImages(folder: string, check: () => void): Promise<'captioned' | 'bare' | 'none'> {
  let seen = 0;
  for await (const row of readFolder(folder, check)) {
    if (row.caption !== null) return 'captioned';
    if (++seen === IMAGES_LOOKED_AT) break;
  }
  return seen ? 'bare' : 'none';
}

/** The picks of a subset lie beside its document. */
function isPicks(file: string): boolean {
  return existsSync(file.replace(/\.parquet$/i, '.clipcov.json'));
}

/** Whether the folder holds embeddings: as clip-retrieval lays them out, or DataComp's `X.npz` beside `X.parquet`. */
function isStore(folder: string): boolean {
  const isThere = (name: string): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (['img_emb', 'text_emb'].every(isThere)) return true;
  const names = new Set(readdirSync(folder));
  return [...names].some((name) => name.endsWith('.npz') && names.has(name.replace(/npz$/, 'parquet')));
}
