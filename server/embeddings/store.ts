import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ClipcovError } from '../errors.js';
import { refuseNewer } from '../formatVersion.js';
import { openNpy, type NpyMatrix } from './npy.js';

/** One part of a store: `img_emb_N.npy`, `text_emb_N.npy` and, where there is one, `metadata_N.parquet`. */
export interface StorePart {
  index: number;
  /** Row of the store at which the part starts. */
  firstRow: number;
  rows: number;
  images: NpyMatrix;
  texts: NpyMatrix;
  metadata: string | null;
}

/** Embeddings in clip-retrieval's layout: ours (with a plan) or anybody's. */
export interface EmbeddingStore {
  folder: string;
  rows: number;
  dim: number;
  parts: StorePart[];
  plan: StorePlan | null;
}

const planSchema = z.object({
  schema: z.literal(1),
  model: z.object({ name: z.string(), fingerprint: z.string(), dim: z.number().int().positive() }),
  /** Rows of the dataset, unusable ones included. */
  pairs: z.number().int().nonnegative(),
  /** Rows of the dataset that make one part. */
  partRows: z.number().int().positive(),
  /** Rows of a batch that were found fastest on a device. Stores of earlier versions have none. */
  batch: z
    .object({
      device: z.string(),
      images: z.number().int().min(1).optional(),
      captions: z.number().int().min(1).optional(),
    })
    .optional(),
});
/** What a store of ours was made from. All but `batch` is a function of dataset and model alone. */
export type StorePlan = z.output<typeof planSchema>;

export const PLAN_FILE = 'plan.json';

/**
 * Opens every part in the order of its number and checks that both sides agree: in rows, and in width unless `any` is
 * asked for, as sides of different encoders have.
 */
export function openStore(folder: string, widths: 'equal' | 'any' = 'equal'): EmbeddingStore {
  const images = partFiles(folder, 'img_emb', 'npy');
  const texts = partFiles(folder, 'text_emb', 'npy');
  const metadata = partFiles(folder, 'metadata', 'parquet');
  const parts: StorePart[] = [];
  let firstRow = 0;
  for (const [index, imageFile] of [...images].sort(([a], [b]) => a - b)) {
    const textFile = texts.get(index);
    if (textFile === undefined) throw broken(imageFile, `part ${index} has images but no texts`);
    const part = openPart(index, firstRow, imageFile, textFile, metadata.get(index) ?? null, widths);
    firstRow += part.rows;
    parts.push(part);
  }
  for (const [index, file] of texts)
    if (!images.has(index)) throw broken(file, `part ${index} has texts but no images`);
  for (const side of ['images', 'texts'] as const) {
    const dims = new Set(parts.map((part) => part[side].columns));
    if (dims.size > 1) throw broken(folder, `its parts differ in dimension (${[...dims].join(', ')})`);
  }
  if (firstRow === 0) throw broken(folder, 'it holds no rows');
  return { folder, rows: firstRow, dim: parts[0]!.images.columns, parts, plan: readPlan(folder) };
}

function openPart(
  index: number,
  firstRow: number,
  imageFile: string,
  textFile: string,
  metadata: string | null,
  widths: 'equal' | 'any',
): StorePart {
  const images = openNpy(imageFile);
  const texts = openNpy(textFile);
  if (images.rows !== texts.rows)
    throw broken(imageFile, `part ${index} has ${images.rows} image rows and ${texts.rows} text rows`);
  if (widths === 'equal' && images.columns !== texts.columns)
    throw broken(
      imageFile,
      `part ${index} has images of ${images.columns} and texts of ${texts.columns} numbers`,
    );
  return { index, firstRow, rows: images.rows, images, texts, metadata };
}

/** Files `<kind>/<kind>_<number>.<extension>`, by number. */
function partFiles(folder: string, kind: string, extension: string): Map<number, string> {
  const pattern = new RegExp(`^${kind}_(\\d+)\\.${extension}$`);
  const found = new Map<number, string>();
  const directory = join(folder, kind);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return found;
  for (const name of readdirSync(directory)) {
    const number = pattern.exec(name)?.[1];
    if (number === undefined) continue;
    const twin = found.get(Number(number));
    if (twin !== undefined)
      throw broken(directory, `part ${Number(number)} is there twice, ${basename(twin)} and ${name}`);
    found.set(Number(number), join(directory, name));
  }
  return found;
}

export function readPlan(folder: string): StorePlan | null {
  const file = join(folder, PLAN_FILE);
  if (!statSync(file, { throwIfNoEntry: false })) return null;
  try {
    const plan: unknown = JSON.parse(readFileSync(file, 'utf8'));
    refuseNewer(plan, {
      known: 1,
      what: 'The embedding store',
      where: file,
      otherwise: 'embed into another folder (--store, setting clipcov.storeFolder).',
    });
    return planSchema.parse(plan);
  } catch (cause) {
    if (cause instanceof ClipcovError) throw cause;
    throw new ClipcovError('store-broken', 'The plan of the embedding store cannot be read.', {
      where: file,
      fix: 'Delete the store folder; it is made again from the dataset.',
      cause,
    });
  }
}

function broken(where: string, why: string): ClipcovError {
  return new ClipcovError('store-broken', `The embedding store is not complete: ${why}.`, {
    where,
    fix: 'Restore the missing or unequal file, or embed the dataset again.',
  });
}
