import { basename } from 'node:path';
import { embeddedModelFolder } from '../embeddings/model.js';
import { variantsIn } from '../embeddings/modelFiles.js';
import { bytesIn, cachedModels } from '../hub/cachedModel.js';
import { cacheFolder } from '../hub/cache.js';
import type { ListedModels } from '../protocol/models.js';

/** The embedded model, then every CLIP in the hub's cache. */
export function listModels(): ListedModels {
  const cache = cacheFolder();
  const folder = embeddedModelFolder();
  const embedded = { name: basename(folder), commit: null, variants: variantsIn(folder), folder };
  return {
    cache,
    models: [
      { ...embedded, bytes: bytesIn(folder) },
      ...cachedModels(cache).map(({ repo: _repo, ...model }) => model),
    ],
  };
}
