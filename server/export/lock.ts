import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { writeError } from '../embeddings/aside.js';

const PAUSE_MS = 20;
/** What is done under a lock takes milliseconds: one that stands for so long is of a program that was killed. */
const ABANDONED_MS = 15_000;

/** Does `work` while no other program does under the same file's lock, which is a file beside it. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  abandonedMs: number = ABANDONED_MS,
): Promise<T> {
  const lock = `${file}.lock`;
  await take(lock, abandonedMs);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** By our own clock: a file's time may be that of another machine. */
async function take(lock: string, abandonedMs: number): Promise<void> {
  let seen = '';
  let since = 0;
  for (;;) {
    try {
      return await (await open(lock, 'wx')).close();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw writeError(lock, cause);
    }
    const found = await stat(lock).catch(() => null);
    const which = found ? `${found.ino} ${found.mtimeMs}` : '';
    if (which !== seen) [seen, since] = [which, performance.now()];
    else if (performance.now() - since > abandonedMs) await rm(lock, { force: true });
    await pause(PAUSE_MS);
  }
}
