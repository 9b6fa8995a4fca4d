import { hubAccess, isOffline, offlineError } from '../hub/access.js';
import { bytesIn, cachedModel } from '../hub/cachedModel.js';
import { cacheFolder } from '../hub/cache.js';
import { hubName, writeHubName } from '../hub/hubName.js';
import { planPull, pull, type PullPlan } from '../hub/pull.js';
import { Cancelled } from '../errors.js';
import type { ValidParams } from '../protocol/contract.js';
import type { PulledModel } from '../protocol/models.js';
import type { JobContext } from '../context.js';
import { ProgressReporter } from './progress.js';

/** How often a running download asks whether it should stop. */
const CANCEL_MS = 100;

/** Fetches a model of the hub into the cache. Whoever sends the request has the user's consent. */
export function pullModelJob(params: ValidParams<'pullModel'>, context: JobContext): Promise<PulledModel> {
  return pullModel(params, context, { offline: isOffline(), approve: async () => undefined });
}

/**
 * The same, with the plan shown before anything of a file is fetched: `approve` rejects to fetch nothing. Offline, the
 * model is found in the cache or refused.
 */
export async function pullModel(
  params: ValidParams<'pullModel'>,
  context: JobContext,
  { offline, approve }: { offline: boolean; approve(plan: PullPlan): Promise<void> },
): Promise<PulledModel> {
  const name = hubName(params.name, params.revision, params.variant);
  const written = writeHubName(name);
  const cache = cacheFolder();
  if (offline) {
    const found = cachedModel(cache, name);
    if (!found) throw offlineError(written);
    const { commit, folder } = found;
    return { name: written, commit, folder, bytes: bytesIn(folder), downloaded: 0 };
  }
  return untilCancelled(context, async (signal) => {
    const access = hubAccess(signal);
    const plan = await planPull(access, cache, name);
    await approve(plan);
    const progress = new ProgressReporter(context);
    progress.begin('download', 'bytes');
    await pull(access, cache, plan, (done, total) => progress.update(done, total));
    const { commit, folder, bytes, missingBytes } = plan;
    return { name: written, commit, folder, bytes, downloaded: missingBytes };
  });
}

/** Runs `work` under a signal that follows the context's flag. */
async function untilCancelled<T>(
  context: Pick<JobContext, 'cancelled'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setInterval(() => {
    if (context.cancelled()) controller.abort(new Cancelled());
  }, CANCEL_MS);
  try {
    return await work(controller.signal);
  } finally {
    clearInterval(timer);
  }
}
