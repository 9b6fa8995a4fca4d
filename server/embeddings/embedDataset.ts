import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Catalogue, type CatalogueRow } from '../dataset/catalogue.js';
import { Database } from '../dataset/database.js';
import { imageRoots } from '../dataset/roots.js';
import type { DatasetSource } from '../dataset/source.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import type { Device } from '../engine/device.js';
import { writeAside } from './aside.js';
import { BatchSize } from './batchSize.js';
import { AHEAD, PartEmbedder, type EmbeddedSample, type PartInWork } from './embedPart.js';
import type { Encoder } from './encoder.js';
import { largestBatch } from './largestBatch.js';
import type { ProxyModel } from './model.js';
import { mapAhead } from './parallel.js';
import { partPaths, tidyParts } from './partFiles.js';
import { KnownEmbeddings } from './reuse.js';
import { PLAN_FILE, readPlan, type StorePlan } from './store.js';

export interface EmbedOptions {
  source: DatasetSource;
  model: ProxyModel;
  /** Made when the first pair must be encoded; not at all where the store is complete. */
  encoder: () => Promise<Encoder>;
  /** What the encoder computes on: batch sizes found on another device are not taken. */
  device: Pick<Device, 'name'>;
  /** Folder that holds the catalogue and the stores of this dataset. */
  home: string;
  approvedRoots: string[];
  context: Pick<JobContext, 'cancelled'>;
  onProgress: (progress: EmbedProgress) => void;
  /** A few pairs of each batch as it is done. */
  onSample?: (sample: EmbeddedSample[]) => Promise<void>;
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
    const partRows = partRowsOf(pairs);
    const parts = Math.ceil(pairs / partRows);
    await mkdir(store, { recursive: true });
    const known = new KnownEmbeddings(store, database);
    await tidyParts(store, parts, (paths) => known.retire(paths));
    const recorded = recordedBatch(store, device.name);
    const batch = {
      images: new BatchSize(recorded?.images ?? null, largestBatch(model, device)),
      captions: new BatchSize(recorded?.captions ?? null),
    };
    const plan: StorePlan = {
      schema: 1,
      model: { name: model.name, fingerprint: model.fingerprint, dim: model.dim },
      pairs,
      partRows,
    };
    await writePlan(store, withBatch(plan, device.name, batch));
    const embedder = new PartEmbedder({
      model,
      encoder: options.encoder,
      batch,
      catalogue,
      database,
      known,
      roots: await imageRoots(source.root, options.approvedRoots),
      context,
      onSample: options.onSample ?? (async () => undefined),
      onProgress: (done, skipped) => onProgress({ stage: 'embed', done, total: pairs, skipped }),
    });
    onProgress({ stage: 'embed', done: 0, total: pairs, skipped: 0 });
    async function* rowsOfParts(): AsyncGenerator<{ part: PartInWork; row: CatalogueRow }> {
      for (let index = 0; index < parts; index++) {
        const first = index * partRows;
        const rows = await catalogue.rows(first, Math.min(pairs, first + partRows));
        const part = await embedder.begin(rows, partPaths(store, index, parts));
        for (const row of rows) yield { part, row };
      }
    }
    const prepared = mapAhead(rowsOfParts(), AHEAD, async ({ part, row }) => ({
      part,
      looked: await embedder.prepare(part, row),
    }));
    let settled = settledSizes(batch);
    try {
      for await (const { part, looked } of prepared) {
        await embedder.take(part, looked);
        if (settledSizes(batch) === settled) continue;
        settled = settledSizes(batch);
        await writePlan(store, withBatch(plan, device.name, batch));
      }
    } finally {
      // Nothing is written any more when this run is over, however it ends.
      await embedder.written().catch(() => undefined);
    }
    await embedder.written();
    // Rows that cannot be reached now may come back: what is known of them is kept until a run reaches all.
    if (embedder.unreachable === 0) await known.forget();
    const { imagesEncoded, captionsEncoded } = embedder;
    return { store, pairs, imagesEncoded, captionsEncoded };
  } finally {
    database.close();
    catalogue.close();
  }
}

interface BatchSizes {
  images: BatchSize;
  captions: BatchSize;
}

const settledSizes = ({ images, captions }: BatchSizes): number =>
  Number(images.settled !== null) + Number(captions.settled !== null);

/** The sizes that an earlier run found on this device; a plan that cannot be read costs no more than them. */
function recordedBatch(store: string, device: string): StorePlan['batch'] {
  try {
    const batch = readPlan(store)?.batch;
    return batch?.device === device ? batch : undefined;
  } catch {
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

async function writePlan(store: string, plan: StorePlan): Promise<void> {
  await writeAside(join(store, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`);
}
