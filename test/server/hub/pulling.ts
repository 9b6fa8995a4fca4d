import { hubAccess, type HubAccess } from '../../../server/hub/access.js';
import { hubName } from '../../../server/hub/hubName.js';
import { planPull, pull, type PullPlan } from '../../../server/hub/pull.js';
import { REPO, type FakeHub } from './fakeHub.js';

export const TOKEN = 'hf_secretsecret';

/** Access to a fake hub with a token; stalls and pauses are short. */
export function accessTo(hub: FakeHub, signal = new AbortController().signal): HubAccess {
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: TOKEN };
  return hubAccess(signal, env, { stallMs: 400, backoffMs: 10 });
}

/** Plans and pulls as the job does. */
export async function pullFrom(
  hub: FakeHub,
  cache: string,
  { signal, name = REPO, onProgress = () => undefined }: PullOptions = {},
): Promise<PullPlan> {
  const access = accessTo(hub, signal);
  const plan = await planPull(access, cache, hubName(name));
  await pull(access, cache, plan, onProgress);
  return plan;
}

export interface PullOptions {
  signal?: AbortSignal;
  name?: string;
  onProgress?: (done: number, total: number) => void;
}

/** The error of a promise that must fail, all of its text in `said`. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ code: string; where: string; said: string }> {
  const error = await promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (reason: Error & { code: string; where: string; fix: string }) => reason,
  );
  return { code: error.code, where: error.where, said: `${error.message} ${error.where} ${error.fix}` };
}
