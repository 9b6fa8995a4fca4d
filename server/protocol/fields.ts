import { z } from 'zod';

export const path = z.string().min(1).max(4096);

export const pageOffset = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40);

export const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

export const DEVICES = ['auto', 'cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;

export const findingId = z.string().regex(/^[a-z][a-z-]{1,40}$/, { error: 'is no name of a finding' });

/** Which columns of a table hold image and caption, where they are not called as usual. */
export const tableColumns = z.strictObject({
  image: z.string().min(1).max(256),
  caption: z.string().min(1).max(256),
});

/** What a job works on: a dataset folder or table, or an embedding store in clip-retrieval's layout. */
export const source = {
  source: path,
  /** Model folder, or `owner/name` of a hub model in the cache; the embedded icon-clip where absent. */
  model: path.optional(),
  /** Where embeddings live, in a folder of its own for each dataset; `.clipcov/` in the dataset's folder where absent. */
  store: path.optional(),
  /** Of DataComp's metadata: the embeddings of which model to take; the larger one's where absent. */
  embeddings: z.enum(['l14', 'b32']).optional(),
  device: z.enum(DEVICES).default('auto'),
  /** GiB of memory that a selection or evaluation keeps to. */
  memory: z.number().min(0.5).max(4096).default(2),
  /** Folders outside the dataset that the user approved for image paths. */
  approvedRoots: z.array(path).max(64).default([]),
};

/** The same for what may be the first that is done with a dataset. */
export const dataset = {
  ...source,
  /** Kept with the dataset until others are given. */
  columns: tableColumns.optional(),
};

/** Labelled sets that linear CLIP is tried on as well: folders of classes, tables with labels, CLIP_benchmark's WebDatasets. */
export const labelledSets = z.array(path).max(64).default([]);

export type DeviceChoice = (typeof DEVICES)[number];
