import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { decodeUtf8 } from '../dataset/pair.js';
import { embedClassNames, normaliseRows } from '../embeddings/classEmbeddings.js';
import { BUNDLED_CLASSES, readBundledClasses, type BundledClasses } from '../embeddings/model.js';
import { openNpy, readNpyRows } from '../embeddings/npy.js';
import { ClipcovError } from '../errors.js';
import { pathInDocument, type LatentClassRecord } from '../export/subsetDocument.js';
import { keepClasses, keptClassesFile, readKeptClasses } from './keptClasses.js';
import type { Workspace } from './workspace.js';

/** Where latent classes are to come from. */
export type ClassSource =
  | { kind: 'model' }
  | { kind: 'bundled'; name: BundledClasses }
  | { kind: 'names' | 'embeddings'; file: string }
  | { kind: 'k-means'; count: number | null; seed: number; iterations: number };

/** Classes with text embeddings, known before any pair is looked at. */
export interface NamedClasses {
  names: string[];
  /** t_k, unit rows, [names, dim] */
  embeddings: Float64Array;
}

const KMEANS_ITERATIONS = 20;

/** What the parameters ask for; without any, the model's own names, and k-means where there are none. */
export function classSourceOf(
  params: {
    classes?: string | undefined;
    classEmbeddings?: string | undefined;
    kmeans?: number | undefined;
    seed: number;
  },
  modelHasNames: boolean,
): ClassSource {
  const { classes, classEmbeddings, kmeans, seed } = params;
  if ([classes, classEmbeddings, kmeans].filter((given) => given !== undefined).length > 1)
    throw new ClipcovError('classes-ambiguous', 'More than one source of latent classes was given.', {
      fix: 'Give class names, class embeddings, or a number of k-means classes.',
    });
  const bundled = BUNDLED_CLASSES.find((name) => name === classes);
  if (bundled) return { kind: 'bundled', name: bundled };
  if (classes !== undefined) return { kind: 'names', file: resolve(classes) };
  if (classEmbeddings !== undefined) return { kind: 'embeddings', file: resolve(classEmbeddings) };
  if (kmeans === undefined && modelHasNames) return { kind: 'model' };
  return { kind: 'k-means', count: kmeans ?? null, seed, iterations: KMEANS_ITERATIONS };
}

/** K of k-means where none is given. */
export function defaultClassCount(pairs: number): number {
  return Math.max(1, Math.min(1000, Math.round(Math.sqrt(pairs / 2))));
}

/** The classes and their embeddings, or null for k-means. */
export async function namedClasses(
  source: ClassSource,
  pairs: { dim: number; where: string },
  workspace: Workspace,
  onBatch: (done: number, total: number) => Promise<void>,
): Promise<NamedClasses | null> {
  if (source.kind === 'k-means') return null;
  if (source.kind === 'embeddings') return readClassEmbeddings(source.file, pairs.dim);
  const model = await workspace.model();
  if (model.dim !== pairs.dim)
    throw new ClipcovError(
      'dimension-differs',
      `The store holds embeddings of ${pairs.dim} numbers, ${model.name} makes ${model.dim}: class names cannot be compared with them.`,
      {
        where: pairs.where,
        fix: 'Name the model that made the store (--model), or give --class-embeddings.',
      },
    );
  const { names, templates } =
    source.kind === 'bundled'
      ? readBundledClasses(source.name)
      : {
          names: source.kind === 'names' ? await readNames(source.file) : model.classNames!,
          templates: model.templates,
        };
  const device = (await workspace.device()).name;
  const file = keptClassesFile(workspace.home, { model, device, names, templates });
  const kept = await readKeptClasses(file, names.length * model.dim);
  if (kept) return { names, embeddings: kept };
  const encoder = await workspace.encoder();
  let done = 0;
  const total = names.length * templates.length;
  const embeddings = await embedClassNames(encoder, names, templates, model.dim, async (batch) => {
    done += batch;
    await onBatch(done, total);
  });
  // Another device may have gone on where one was lost.
  if (encoder.device === device) await keepClasses(file, embeddings, () => workspace.makeHome());
  return { names, embeddings };
}

async function readNames(file: string): Promise<string[]> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new ClipcovError('classes-unreadable', 'The class names cannot be read.', { where: file, cause });
  });
  const text = decodeUtf8(bytes);
  const names = (text ?? '')
    .split(/\r?\n/)
    .map((name) => name.trim())
    .filter(Boolean);
  if (text === null || names.length === 0)
    throw new ClipcovError('classes-unreadable', 'The file holds no class names.', {
      where: file,
      fix: 'Write one name a line, in UTF-8.',
    });
  return names;
}

function readClassEmbeddings(file: string, dim: number): NamedClasses {
  const matrix = openNpy(file);
  if (matrix.columns !== dim || matrix.rows === 0)
    throw new ClipcovError(
      'dimension-differs',
      `The class embeddings are [${matrix.rows}, ${matrix.columns}], the store needs [classes, ${dim}].`,
      { where: file, fix: 'Embed the class names with the model that made the store.' },
    );
  const values = new Float32Array(matrix.rows * dim);
  readNpyRows(matrix, 0, values);
  const embeddings = Float64Array.from(values);
  normaliseRows(embeddings, dim);
  return { names: Array.from({ length: matrix.rows }, (_, k) => `class ${k}`), embeddings };
}

/** The record of the choice in a subset's document. */
export function classRecord(
  source: ClassSource,
  count: number,
  modelName: string,
  subset: string,
): LatentClassRecord {
  switch (source.kind) {
    case 'model':
      return { kind: 'model', count, description: `zero-shot, ${count} names of ${modelName}` };
    case 'bundled':
      return {
        kind: 'bundled',
        name: source.name,
        count,
        description: `zero-shot, ${count} names of ${source.name}`,
      };
    case 'names':
    case 'embeddings':
      return {
        kind: source.kind,
        file: pathInDocument(subset, source.file),
        count,
        description: `zero-shot, ${count} ${source.kind === 'names' ? 'names' : 'embeddings'} of ${basename(source.file)}`,
      };
    case 'k-means':
      return {
        kind: 'k-means',
        seed: source.seed,
        iterations: source.iterations,
        count,
        description: `k-means, ${count} classes, seed ${source.seed}, at most ${source.iterations} iterations`,
      };
  }
}

/** The source that a document records. */
export function recordedSource(record: LatentClassRecord, folder: string): ClassSource {
  if (record.kind === 'k-means')
    return { kind: 'k-means', count: record.count, seed: record.seed, iterations: record.iterations };
  if (record.kind === 'model') return { kind: 'model' };
  if (record.kind === 'bundled') return { kind: 'bundled', name: record.name };
  return { kind: record.kind, file: resolve(folder, record.file) };
}
