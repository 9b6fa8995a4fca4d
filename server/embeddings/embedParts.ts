import type { CatalogueRow } from '../dataset/catalogue.js';
import type { BatchSize } from './batchSize.js';
import { AHEAD, PartEmbedder, type PartTools } from './embedPart.js';
import { mapAhead } from './parallel.js';
import { partPaths } from './partFiles.js';
import type { PartInWork } from './partInWork.js';
import type { StorePlan } from './store.js';

/** Rows of the dataset, and where to note what their images held. */
export interface RowsToEmbed {
  /** Rows with ids in [first, end), ascending. */
  rows(first: number, end: number): Promise<CatalogueRow[]>;
  remember: PartTools['catalogue']['remember'];
}

export interface BatchSizes {
  images: BatchSize;
  captions: BatchSize;
}

interface PartsToEmbed extends Omit<PartTools, 'catalogue'> {
  rows: RowsToEmbed;
  store: string;
  plan: Pick<StorePlan, 'pairs' | 'partRows'>;
  /** Parts [first, end) of the store. */
  first: number;
  end: number;
  /** Called when a batch size was found. */
  onSettled: () => Promise<void>;
}

interface EmbeddedParts {
  imagesEncoded: number;
  captionsEncoded: number;
  /** Rows whose image could not be read now, and may be another time. */
  unreachable: number;
}

/**
 * Makes some parts of a store. Images are read and decoded ahead of the encoder, across the ends of parts, and a finished
 * part is written while the next one is embedded.
 */
export async function embedParts(given: PartsToEmbed): Promise<EmbeddedParts> {
  const { rows, store, plan, first, end, batch, onSettled, onProgress } = given;
  const parts = Math.ceil(plan.pairs / plan.partRows);
  const embedder = new PartEmbedder({ ...given, catalogue: rows });
  onProgress(0, 0);
  async function* rowsOfParts(): AsyncGenerator<{ part: PartInWork; row: CatalogueRow }> {
    for (let index = first; index < end; index++) {
      const start = index * plan.partRows;
      const own = await rows.rows(start, Math.min(plan.pairs, start + plan.partRows));
      const part = await embedder.begin(own, partPaths(store, index, parts));
      for (const row of own) yield { part, row };
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
      await onSettled();
    }
  } finally {
    // Nothing is written any more when this run is over, however it ends.
    await embedder.written().catch(() => undefined);
  }
  await embedder.written();
  const { imagesEncoded, captionsEncoded, unreachable } = embedder;
  return { imagesEncoded, captionsEncoded, unreachable };
}

const settledSizes = ({ images, captions }: BatchSizes): number =>
  Number(images.settled !== null) + Number(captions.settled !== null);
