import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const KEY = 'clipcov.oncePerProcess';
const [TO_DO, UNDER_WAY, DONE] = [0, 1, 2];

// Threads inherit this from the thread that starts them, and share its memory: so whoever starts threads imports this module.
if (getEnvironmentData(KEY) === undefined) setEnvironmentData(KEY, new SharedArrayBuffer(4));

/**
 * Sets up what native code has once for the whole process, in whichever thread comes first; the others wait until it is done.
 * There is one such work: whoever needs a second gives this a name for each.
 */
export function oncePerProcess(work: () => void): void {
  const state = new Int32Array(getEnvironmentData(KEY) as SharedArrayBuffer);
  for (;;) {
    const found = Atomics.compareExchange(state, 0, TO_DO, UNDER_WAY);
    if (found === DONE) return;
    if (found === UNDER_WAY) {
      Atomics.wait(state, 0, UNDER_WAY);
      continue;
    }
    let after = TO_DO;
    try {
      work();
      after = DONE;
    } finally {
      Atomics.store(state, 0, after);
      Atomics.notify(state, 0);
    }
    return;
  }
}
