import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, win32 } from 'node:path';
import { z } from 'zod';
import { isInside } from '../dataset/roots.js';
import { writeAside } from '../embeddings/aside.js';
import { DATACOMP_MODELS } from '../embeddings/dataComp.js';
import { BUNDLED_CLASSES } from '../embeddings/model.js';
import { ClipcovError } from '../errors.js';
import { refuseNewer } from '../formatVersion.js';
import { weightsSchema } from '../protocol/selection.js';
import { parsePipeline } from '../selection/pipeline.js';

/** Names the kind of document and the extension that VS Code opens as a preview. */
export const SUBSET_EXTENSION = '.clipcov.json';

const count = z.number().int().nonnegative();
/**
 * A path relative to the document. Documents travel, and may be anybody's: one never names a place of its own choosing on
 * this machine or another.
 */
const relativePath = z
  .string()
  .refine((path) => !isAbsolute(path) && !win32.isAbsolute(path) && !/^[a-z][\w+.-]+:/i.test(path), {
    error: 'is no path relative to the document',
  });
const named = z.object({ name: z.string(), fingerprint: z.string() });
/** How the latent classes came about; enough to make them again. */
const classesSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('model'), count, description: z.string() }),
  /** Names that come with the product. */
  z.object({ kind: z.literal('bundled'), name: z.enum(BUNDLED_CLASSES), count, description: z.string() }),
  /** A file of names or of embeddings, relative to the document. */
  z.object({ kind: z.enum(['names', 'embeddings']), file: relativePath, count, description: z.string() }),
  z.object({ kind: z.literal('k-means'), seed: count, iterations: count, count, description: z.string() }),
]);
const objectiveTerms = z.object({
  cross: z.number(),
  self: z.number(),
  label: z.number(),
  inter: z.number(),
  redundancy: z.number(),
  balance: z.number(),
});
const skippedSchema = z.object({
  total: count,
  reasons: z.array(
    z.object({
      reason: z.string(),
      count,
      examples: z.array(z.object({ id: count, where: z.string() })),
    }),
  ),
});
const evaluationSchema = z.object({
  note: z.string().nullable().default(null),
  measures: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      better: z.enum(['lower', 'higher', 'neither']),
      meaning: z.string(),
    }),
  ),
  columns: z.array(
    z.object({
      name: z.string(),
      pairs: count,
      seeds: count,
      values: z.record(z.string(), z.object({ mean: z.number(), sd: z.number() }).nullable()),
    }),
  ),
});

/**
 * `NAME.clipcov.json`: everything that a selection depends on and came to. A function of dataset, model and parameters:
 * it holds no time, host, absolute path or thread count. The picks lie beside it in `NAME.parquet`.
 */
const documentSchema = z.object({
  schema: z.literal(1),
  /** The name of a file beside the document, never a way out of its folder. */
  picksFile: z.string().regex(/^[^/\\]+\.parquet$/),
  /** SHA-256 of that file: a selection that was stopped between the two files must not pass for one. */
  picksSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Path of the dataset or store relative to this document. */
  source: relativePath,
  /** Folder that image paths are relative to, relative to this document; null for a bare store. */
  imageRoot: relativePath.nullable(),
  kind: z.enum(['table', 'folder', 'webdataset', 'parquet', 'store']),
  dataset: z.object({ pairs: count, valid: count, fingerprint: z.string() }),
  model: named.nullable(),
  /** Of a run that lost one, both: `webgpu, then cpu`. */
  device: z.string(),
  devicesLost: z.array(z.object({ device: z.string(), reason: z.string() })).optional(),
  parameters: z.object({
    method: z.string().refine(isPipeline, { error: 'is no method' }),
    budget: z.string(),
    seed: count,
    weights: weightsSchema,
    nearDuplicates: z.number().nullable(),
    norm: z.enum(['2', 'inf']),
    classQuota: z.string().nullable(),
    /** Which of DataComp's embeddings; null for the only ones, or the default. */
    embeddings: z.enum(DATACOMP_MODELS).nullable().default(null),
    /** Files that the selection was given, relative to the document. */
    target: relativePath.nullable(),
    early: relativePath.nullable(),
    include: relativePath.nullable(),
    exclude: relativePath.nullable(),
    /** Findings of the dataset report whose pairs were left out. */
    excludeFindings: z.array(z.string()).optional(),
    /** A share, or a file of ids. */
    holdout: relativePath.nullable().default(null),
  }),
  classes: classesSchema,
  picks: count,
  exactDuplicates: z.object({ total: count, examples: z.array(count) }),
  nearDuplicates: count,
  skipped: skippedSchema,
  proxy: z.object({ auc: z.number(), sample: count, warning: z.string().nullable() }),
  objective: z.object({ value: z.number(), terms: objectiveTerms }),
  warnings: z.array(z.string()),
  evaluation: evaluationSchema.nullable(),
});
export type SubsetDocument = z.output<typeof documentSchema>;
export type LatentClassRecord = z.output<typeof classesSchema>;

function isPipeline(method: string): boolean {
  try {
    return parsePipeline(method).length > 0;
  } catch {
    return false;
  }
}

export async function readSubset(file: string): Promise<SubsetDocument> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ClipcovError('subset-missing', 'The subset cannot be opened.', {
      where: file,
      fix: `Give a *${SUBSET_EXTENSION} file that ClipCov wrote.`,
      cause,
    });
  });
  try {
    const document: unknown = JSON.parse(text);
    refuseNewer(document, { known: 1, what: 'The subset', where: file, otherwise: 'select again.' });
    return documentSchema.parse(document);
  } catch (cause) {
    if (cause instanceof ClipcovError) throw cause;
    const why =
      cause instanceof z.ZodError ? z.prettifyError(cause).split('\n')[0] : (cause as Error).message;
    throw new ClipcovError('subset-unreadable', `The file is not a ClipCov subset: ${why}`, {
      where: file,
      fix: 'Select again, or open it as text to see what it holds.',
      cause,
    });
  }
}

/** `to` relative to the folder that the document at `file` lies in. */
export function pathInDocument(file: string, to: string): string {
  const path = relative(dirname(file), to) || '.';
  if (isAbsolute(path))
    throw new ClipcovError('subset-elsewhere', 'The subset and its dataset lie on different drives.', {
      where: file,
      fix: 'Write the subset to the drive of the dataset (--out): a subset names its dataset by a relative path.',
    });
  return path;
}

/**
 * Absolute folder of the subset's images, or why they are not shown. A subset lies in its dataset's folder or one below;
 * a document that points anywhere else is followed only to folders that the user approved.
 */
export function imageRootOf(
  file: string,
  document: Pick<SubsetDocument, 'imageRoot'>,
  approved: string[],
): { root: string } | { reason: string } {
  if (document.imageRoot === null) return { reason: 'the store names no images' };
  const root = resolve(dirname(file), document.imageRoot);
  const own = [dirname(file), dirname(dirname(file))];
  return own.includes(root) || approved.some((folder) => isInside(resolve(folder), root))
    ? { root }
    : { reason: 'the images lie outside the subset’s own dataset folder and the approved folders' };
}

export async function writeSubset(file: string, document: SubsetDocument): Promise<void> {
  await writeAside(file, `${JSON.stringify(document, null, 2)}\n`);
}
