import { hubAccess, isOffline, offlineError } from '../hub/access.js';
import { cacheFolder } from '../hub/cache.js';
import { hubName, writeHubName } from '../hub/hubName.js';
import { planPull } from '../hub/pull.js';
import type { ValidParams } from '../protocol/contract.js';
import type { ModelPlan } from '../protocol/models.js';

/** What `pullModel` would fetch. Asks the hub for its list of files, and for nothing of a file. */
export async function planModel(
  { name, revision, variant }: ValidParams<'planModel'>,
  signal: AbortSignal,
): Promise<ModelPlan> {
  const wanted = hubName(name, revision, variant);
  const written = writeHubName(wanted);
  if (isOffline()) throw offlineError(written);
  const plan = await planPull(hubAccess(signal), cacheFolder(), wanted);
  const { commit, host, folder, bytes, missingBytes } = plan;
  const files = plan.files.map(({ path, size, present }) => ({ path, size, present }));
  return { name: written, commit, host, folder, files, bytes, missingBytes };
}
