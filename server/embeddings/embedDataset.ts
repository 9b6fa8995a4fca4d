import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Catalogue } from '../dataset/catalogue.js';
import { Database } from '../dataset/database.js';
import { imageRoots } from '../dataset/roots.js';
import type { DatasetSource } from '../dataset/source.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { writeAside } from './aside.js';
import { PartEmbedder, type EmbeddedSample } from './embedPart.js';
import type { Encoder } from './encoder.js';
import type { ProxyModel } from './model.js';
import { partPaths, tidyParts } from './partFiles.js';
import { KnownEmbeddings } from './reuse.js';
import { PLAN_FILE, type StorePlan } from './store.js';

export interface EmbedOptions {
  source: DatasetSource;
  model: ProxyModel;
  /** Made when the first pair must be encoded; not at all where the store is complete. */
  encoder: () => Promise<Encoder>;
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
 * model alone, so a run that was killed ends in the same bytes.
 */
export async function embedDataset(options: EmbedOptions): Promise<EmbedResult> {
  const { source, model, home, context } = options;
  const store = storeFolder(home, model);
  const catalogue = await Catalogue.open(home);
  const database = await Database.open();
  try {
    options.onProgress({ stage: 'read', done: 0, total: 0, skipped: 0 });
    const pairs = await catalogue.load(source, async (rows) => {
      throwIfCancelled(context);
      options.onProgress({ stage: 'read', done: rows, total: 0, skipped: 0 });
    });
    const partRows = partRowsOf(pairs);
    const parts = Math.ceil(pairs / partRows);
    await mkdir(store, { recursive: true });
    const known = new KnownEmbeddings(store, database);
    await tidyParts(store, parts, (paths) => known.retire(paths));
    const plan: StorePlan = {
      schema: 1,
      model: { name: model.name, fingerprint: model.fingerprint, dim: model.dim },
      pairs,
      partRows,
    };
    await writeAside(join(store, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`);
    const embedder = new PartEmbedder({
      model,
      encoder: options.encoder,
      catalogue,
      database,
      known,
      roots: await imageRoots(source.root, options.approvedRoots),
      context,
      onSample: options.onSample ?? (async () => undefined),
    });
    let skipped = 0;
    for (let part = 0; part < parts; part++) {
      const first = part * partRows;
      const rows = await catalogue.rows(first, Math.min(pairs, first + partRows));
      const progress = (done: number): void =>
        options.onProgress({ stage: 'embed', done: first + done, total: pairs, skipped });
      progress(0);
      skipped += await embedder.embed(rows, partPaths(store, part, parts), progress);
      progress(rows.length);
    }
    // Rows that cannot be reached now may come back: what is known of them is kept until a run reaches all.
    if (embedder.unreachable === 0) await known.forget();
    const { imagesEncoded, captionsEncoded } = embedder;
    return { store, pairs, imagesEncoded, captionsEncoded };
  } finally {
    database.close();
    catalogue.close();
  }
}
