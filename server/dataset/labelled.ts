import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { ClipcovError } from '../errors.js';
import { IMAGE_COLUMNS, type WantedColumns } from './columns.js';
import { IMAGE_EXTENSIONS } from './folder.js';
import type { DatasetRow } from './pair.js';
import type { DatasetSource } from './source.js';
import { readTable } from './table.js';
import { readSamples } from './webdataset.js';

/** Images that a model is tried on: with a class each, or with captions that are to be found. */
export interface LabelledSet {
  name: string;
  task: 'classification' | 'retrieval';
  /** Class names by number, for a classification; captions of its rows are those numbers. */
  classNames: string[];
  /** Prompts with `{}` for the name, where the set brings them. */
  templates: string[] | null;
  /** One row for each image and class, or for each image and caption. */
  source: DatasetSource;
}

const NO_LABEL = 'label is missing or none of the classes';

/**
 * Opens a labelled set: a folder with a folder for each class (ImageFolder; `classnames.txt` may name them in the order of
 * the folders), a table with an image and a label column, or a WebDataset as CLIP_benchmark lays it out (`test/0.tar`…,
 * `classnames.txt`, `zeroshot_classification_templates.txt`, `dataset_type.txt`).
 */
export async function openLabelledSet(path: string, check: () => void): Promise<LabelledSet> {
  const full = resolve(path);
  const info = statSync(full, { throwIfNoEntry: false });
  if (!info) throw unknownSet(full, 'it is not there');
  if (info.isFile()) return tableSet(full);
  if (existsSync(join(full, 'test'))) return benchmarkSet(full, check);
  return folderSet(full);
}

/** `root/<class>/…`: classes in code-unit order of their folders, as torchvision sorts them. */
async function folderSet(root: string): Promise<LabelledSet> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  folders.sort();
  if (folders.length === 0) throw unknownSet(root, 'it has no folder for a class');
  const named = lines(join(root, 'classnames.txt'));
  if (named && named.length !== folders.length)
    throw unknownSet(root, `classnames.txt has ${named.length} names for ${folders.length} folders`);
  async function* rows(): AsyncGenerator<DatasetRow> {
    let id = 0;
    for (const [label, folder] of folders.entries()) {
      const names = (await readdir(join(root, folder), { recursive: true })).sort();
      for (const name of names)
        if (IMAGE_EXTENSIONS.has(extname(name).toLowerCase()))
          yield { id: id++, image: `${folder}/${name}`, caption: String(label), problem: null };
    }
  }
  return {
    name: basename(root),
    task: 'classification',
    classNames: named ?? folders,
    templates: lines(join(root, 'zeroshot_classification_templates.txt')),
    source: { kind: 'folder', root, path: root, files: null, load: (into) => into.addAll(rows()) },
  };
}

/** A table whose labels are class names, numbered in code-unit order; or numbers, named by `classnames.txt` beside it. */
async function tableSet(file: string): Promise<LabelledSet> {
  const root = resolve(file, '..');
  const named = lines(join(root, 'classnames.txt'));
  const found = new Set<string>();
  for await (const { caption } of readTable(file, LABELLED)) if (caption?.trim()) found.add(caption.trim());
  const classNames = named ?? [...found].sort();
  const numberOf = new Map(classNames.map((name, label) => [name, label]));
  if (named) classNames.forEach((_, label) => numberOf.set(String(label), label));
  async function* rows(): AsyncGenerator<DatasetRow> {
    for await (const row of readTable(file, LABELLED)) {
      const label = row.caption === null ? undefined : numberOf.get(row.caption.trim());
      const problem =
        row.problem ?? (label === undefined ? { reason: NO_LABEL, where: `row ${row.id}` } : null);
      yield { ...row, caption: label === undefined ? null : String(label), problem };
    }
  }
  return {
    // Tables of labels are often called the same; their folders are not.
    name: `${basename(root)}-${basename(file, extname(file))}`,
    task: 'classification',
    classNames,
    templates: lines(join(root, 'zeroshot_classification_templates.txt')),
    source: { kind: 'table', root, path: file, files: [basename(file)], load: (into) => into.addAll(rows()) },
  };
}

const LABELLED: WantedColumns = {
  image: IMAGE_COLUMNS,
  caption: ['label', 'class', 'cls', 'class_name', 'category', 'caption', 'text', 'title'],
};

function benchmarkSet(root: string, check: () => void): LabelledSet {
  const task = lines(join(root, 'dataset_type.txt'))?.[0] === 'retrieval' ? 'retrieval' : 'classification';
  const classNames = lines(join(root, 'classnames.txt')) ?? [];
  if (task === 'classification' && classNames.length === 0)
    throw unknownSet(root, 'it has no classnames.txt');
  const count = Number(lines(join(root, 'test', 'nshards.txt'))?.[0] ?? 1);
  const files = Array.from(
    { length: Number.isInteger(count) && count > 0 ? count : 1 },
    (_, i) => `test/${i}.tar`,
  );
  const missing = files.find((file) => !existsSync(join(root, file)));
  if (missing !== undefined) throw unknownSet(root, `${missing} is missing, of ${files.length} shards`);
  async function* rows(): AsyncGenerator<DatasetRow> {
    let id = 0;
    for await (const sample of readSamples(root, files, check)) {
      const { image } = sample;
      if (sample.problem !== null || image === null) {
        const reason = sample.problem ?? 'sample has no image';
        yield { id: id++, image: null, caption: null, problem: { reason, where: sample.where } };
        continue;
      }
      const text =
        sample
          .read(task === 'retrieval' ? '.txt' : '.cls')
          ?.toString('utf8')
          .trim() ?? '';
      // One caption a line; a class is one number.
      const captions = task === 'retrieval' ? text.split(/\r?\n/).filter((line) => line.trim()) : [text];
      for (const caption of captions) {
        const known = task === 'retrieval' || (/^\d+$/.test(caption) && Number(caption) < classNames.length);
        const problem = known ? null : { reason: NO_LABEL, where: sample.where };
        yield { id: id++, image, caption: known ? caption.trim() : null, problem };
      }
    }
  }
  return {
    name: basename(root),
    task,
    classNames,
    templates: lines(join(root, 'zeroshot_classification_templates.txt')),
    source: { kind: 'webdataset', root, path: root, files, load: (into) => into.addAll(rows()) },
  };
}

/** Lines that are not empty, or null where the file is not there. */
function lines(file: string): string[] | null {
  if (!existsSync(file)) return null;
  const found = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  return found.length ? found : null;
}

function unknownSet(where: string, why: string): ClipcovError {
  return new ClipcovError('labelled-set-unknown', `This is no labelled set: ${why}.`, {
    where,
    fix: 'Give a folder with a folder for each class, a table with image and label columns, or a WebDataset in CLIP_benchmark’s layout.',
  });
}
