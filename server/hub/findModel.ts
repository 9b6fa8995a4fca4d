import { ClipcovError } from '../errors.js';
import type { ModelVariant } from '../protocol/models.js';
import { cachedModel } from './cachedModel.js';
import { cacheFolder, statOf } from './cache.js';
import type { Environment } from './access.js';
import { parseHubName, writeHubName } from './hubName.js';

/** Where a model lies, and what it is called where its folder's name does not say. */
export interface FoundModel {
  folder: string;
  name?: string;
  variant?: ModelVariant | null;
}

/**
 * What a user named as a model: a folder, or a model of the hub that is in the cache. Nothing is fetched: a download is
 * asked for by `clipcov models pull`.
 */
export function findModel(model: string, env: Environment = process.env): FoundModel {
  if (statOf(model)?.isDirectory()) return { folder: model };
  const name = parseHubName(model);
  if (!name) return { folder: model };
  const cache = cacheFolder(env);
  const found = cachedModel(cache, name);
  if (found)
    return { folder: found.folder, name: writeHubName(name), variant: name.variant ?? found.variants[0]! };
  throw new ClipcovError('model-missing', `The model ${model} is neither a folder nor in the hub's cache.`, {
    where: cache,
    fix: `Fetch it with: clipcov models pull ${model} (in the editor: ClipCov: Choose Model…)`,
  });
}
