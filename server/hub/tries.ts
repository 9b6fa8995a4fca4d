import { setTimeout as pause } from 'node:timers/promises';
import type { HubAccess } from './access.js';
import { Transient } from './hubErrors.js';

const TRIES = 3;

/** Tries again after errors that may pass, with the pause that the server asked for or a short one of ours. */
export async function withTries<T>(access: HubAccess, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      if (tries === TRIES) throw error.reason;
      const wait = error.waitMs ?? access.backoffMs * 2 ** (tries - 1);
      await pause(wait, undefined, { signal: access.signal }).catch(() => undefined);
      access.signal.throwIfAborted();
    }
  }
}
