import { join } from 'node:path';
import { Catalogue } from '../dataset/catalogue.js';
import { Database } from '../dataset/database.js';
import { makeFolder } from '../dataset/home.js';
import { imageRoots } from '../dataset/roots.js';
import type { DatasetSource } from '../dataset/source.js';
import { ClipcovError } from '../errors.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import type { Device } from '../engine/device.js';
import { writeAside, writeError } from './aside.js';
import { BatchSize } from './batchSize.js';
import type { EmbeddedSample } from './partInWork.js';
import { embedParts, type BatchSizes } from './embedParts.js';
import type { Encoder } from './encoder.js';
import { largestBatch } from './largestBatch.js';
import { leastBatch } from './leastBatch.js';
import type { ProxyModel } from './model.js';
import { tidyParts } from './partFiles.js';
import { KnownEmbeddings } from './reuse.js';
import { PLAN_FILE, readPlan, type StorePlan } from './store.js';

export interface EmbedOptions {
  source: DatasetSource;
  model: ProxyModel;
  /** Made when the first pair must be encoded; not at all where the store is complete. */
  encoder: () => Promise<Encoder>;
  /** What the encoder computes on: batch sizes found on another device are not taken. */
  device: Pick<Device, 'name' | 'threads'>;
  /** Folder that holds the catalogue and the stores of this dataset. */
  home: string;
  approvedRoots: string[];
  context: Pick<JobContext, 'cancelled'>;
  onProgress: (progress: EmbedProgress) => void;
  /** Handed a few pairs now and then; absent or null where nobody looks. */
  onSample?: ((sample: EmbeddedSample[]) => Promise<void>) | null;
}

export interface EmbedProgress {
  stage: 'read' | 'embed';
  done: number;
  total: number;
  skipped: number;
}

export interface EmbedResult {
  /** Folder of the store. */
  store: string;
  pairs: number;
  imagesEncoded: number;
  captionsEncoded: number;
}

/** Rows of the dataset a part: the unit of resuming, a few seconds of work. Grows where there would be many parts. */
export function partRowsOf(pairs: number): number {
  return 1024 * Math.max(1, Math.ceil(pairs / 1_048_576));
}

/** Where the embeddings of a dataset by a model lie. */
export function storeFolder(home: string, model: ProxyModel): string {
  return join(home, storeName(model));
}

export function storeName({ name, fingerprint }: { name: string; fingerprint: string }): string {
  return `${name.replaceAll(/[^\w.-]/g, '_')}-${fingerprint.slice(0, 12)}`;
}

/**
 * Embeds a dataset into a store in clip-retrieval's layout. Part by part: a part that matches the dataset is left as
 * it is, any other is made again out of what is known and what must be encoded. A part depends on the dataset and the
 * model alone, so a run that was killed ends in the same bytes. Images are read and decoded ahead of the encoder, across
 * the ends of parts, and a finished part is written while the next one is embedded.
 */
export async function embedDataset(options: EmbedOptions): Promise<EmbedResult> {
  const { source, model, device, home, context, onProgress } = options;
  const store = storeFolder(home, model);
  const catalogue = await Catalogue.open(home);
  const database = await Database.open();
  try {
    onProgress({ stage: 'read', done: 0, total: 0, skipped: 0 });
    const pairs = await catalogue.load(source, async (rows) => {
      throwIfCancelled(context);
      onProgress({ stage: 'read', done: rows, total: 0, skipped: 0 });
    });
    await makeFolder(store).catch((cause: unknown) => {
      throw writeError(store, cause);
    });
    const known = new KnownEmbeddings(store, database);
    const plan = planOf(model, pairs);
    // Before anything is moved: a store of a newer version is refused.
    const batch = batchSizes(store, model, device);
    await tidyParts(store, partsOf(plan), (paths) => known.retire(paths)).catch((cause: unknown) => {
      throw writeError(store, cause);
    });
    const writeOwn = (): Promise<void> => writePlan(store, withBatch(plan, device.name, batch));
    await writeOwn();
    const { imagesEncoded, captionsEncoded, unreachable } = await embedParts({
      model,
      encoder: options.encoder,
      batch,
      onSettled: writeOwn,
      rows: catalogue,
      database,
      known,
      roots: await imageRoots(source.root, options.approvedRoots),
      context,
      onSample: options.onSample ?? null,
      onProgress: (done, skipped) => onProgress({ stage: 'embed', done, total: pairs, skipped }),
      store,
      plan,
      first: 0,
      end: partsOf(plan),
    });
    // Rows that cannot be reached now may come back: what is known of them is kept until a run reaches all.
    if (unreachable === 0) await known.forget();
    return { store, pairs, imagesEncoded, captionsEncoded };
  } finally {
    database.close();
    catalogue.close();
  }
}

/** What a store of this dataset is made from. */
export function planOf(model: ProxyModel, pairs: number): StorePlan {
  const { name, fingerprint, dim } = model;
  return { schema: 1, model: { name, fingerprint, dim }, pairs, partRows: partRowsOf(pairs) };
}

export function partsOf({ pairs, partRows }: Pick<StorePlan, 'pairs' | 'partRows'>): number {
  return Math.ceil(pairs / partRows);
}

/** Batch sizes that an earlier run found on this device, or sizes still to be found. */
export function batchSizes(store: string, model: ProxyModel, device: EmbedOptions['device']): BatchSizes {
  const recorded = recordedBatch(store, device.name);
  const least = leastBatch(device);
  return {
    images: new BatchSize(recorded?.images ?? null, { least, largest: largestBatch(model, device) }),
    captions: new BatchSize(recorded?.captions ?? null, { least }),
  };
}

/** A plan that cannot be read costs no more than the sizes in it. */
function recordedBatch(store: string, device: string): StorePlan['batch'] {
  try {
    const batch = readPlan(store)?.batch;
    return batch?.device === device ? batch : undefined;
  } catch (error) {
    if (error instanceof ClipcovError && error.code === 'format-newer') throw error;
    return undefined;
  }
}

function withBatch(plan: StorePlan, device: string, { images, captions }: BatchSizes): StorePlan {
  if (images.settled === null && captions.settled === null) return plan;
  return {
    ...plan,
    batch: {
      device,
      ...(images.settled !== null && { images: images.settled }),
      ...(captions.settled !== null && { captions: captions.settled }),
    },
  };
}

export async function writePlan(store: string, plan: StorePlan): Promise<void> {
  await writeAside(join(store, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`);
}
