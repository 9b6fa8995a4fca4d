import { statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { ClipcovError } from '../errors.js';
import { readFolder } from './folder.js';
import type { DatasetRow } from './pair.js';
import { readTable, TABLE_EXTENSIONS } from './table.js';

/** What a path turned out to be. */
export type Source =
  | { kind: 'store'; root: string }
  | { kind: 'table' | 'folder'; root: string; path: string; rows: () => AsyncGenerator<DatasetRow> };

export type DatasetSource = Exclude<Source, { kind: 'store' }>;

/**
 * A dataset table, a folder of images with captions beside them, a folder with one table, or an embedding store.
 * `check` is asked while folders are searched, and throws to cancel.
 */
export async function openSource(path: string, check: () => void = () => undefined): Promise<Source> {
  const full = resolve(path);
  const info = await stat(full).catch((cause: unknown) => {
    throw new ClipcovError('source-missing', 'There is no such dataset.', {
      where: full,
      fix: 'Give a dataset folder, a CSV, TSV or JSONL table, or an embedding folder.',
      cause,
    });
  });
  if (info.isFile()) {
    if (TABLE_EXTENSIONS.includes(extname(full).toLowerCase())) return tableSource(full);
    throw new ClipcovError('source-unknown', 'The file is not a table that ClipCov reads.', {
      where: full,
      fix: `Give one of ${TABLE_EXTENSIONS.join(', ')}, or a folder.`,
    });
  }
  if (isStore(full)) return { kind: 'store', root: full };
  const images = await findImages(full, check);
  const folder: DatasetSource = {
    kind: 'folder',
    root: full,
    path: full,
    rows: () => readFolder(full, check),
  };
  // Images with captions of their own are the dataset; a table beside them may be an export of a subset.
  if (images === 'captioned') return folder;
  const names = (await readdir(full)).sort();
  const tables = names.filter((name) => ['.csv', '.tsv', '.jsonl'].includes(extname(name).toLowerCase()));
  if (tables.length === 1) return tableSource(join(full, tables[0]!));
  if (tables.length > 1)
    throw new ClipcovError(
      'source-ambiguous',
      `The folder holds ${tables.length} tables: ${tables.join(', ')}.`,
      { where: full, fix: 'Choose one of the tables instead of the folder.' },
    );
  if (images === 'bare') return folder;
  throw new ClipcovError('source-empty', 'The folder holds no dataset: no table, no images with captions.', {
    where: full,
    fix: 'Choose a folder with a CSV, TSV or JSONL table, or with images and .txt captions of the same name.',
  });
}

function tableSource(file: string): DatasetSource {
  return { kind: 'table', root: dirname(file), path: file, rows: () => readTable(file) };
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

/** Whether the folder is laid out as clip-retrieval lays embeddings out. */
function isStore(folder: string): boolean {
  return ['img_emb', 'text_emb'].every((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory(),
  );
}
