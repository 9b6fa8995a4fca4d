import { basename } from 'node:path';
import { embeddedModelFolder } from '../embeddings/model.js';
import { variantsIn } from '../embeddings/modelFiles.js';
import { bytesIn, cachedModels } from '../hub/cachedModel.js';
import { cacheFolder } from '../hub/cache.js';
import type { ModelVariant } from '../protocol/contract.js';

/** A model that can be used without fetching anything. */
export interface ListedModel {
  name: string;
  /** Null for the embedded one, which is the default. */
  commit: string | null;
  /** The precisions that are there; null is the full one. */
  variants: (ModelVariant | null)[];
  bytes: number;
  folder: string;
}

/** The embedded model, then every CLIP in the hub's cache. */
export function listModels(): { cache: string; models: ListedModel[] } {
  const cache = cacheFolder();
  const folder = embeddedModelFolder();
  const embedded = { name: basename(folder), commit: null, variants: variantsIn(folder), folder };
  return {
    cache,
    models: [
      { ...embedded, bytes: bytesIn(folder) },
      ...cachedModels(cache).map(({ repo, ...model }) => ({ name: repo, ...model })),
    ],
  };
}
