import { fstatSync } from 'node:fs';

/** For jobs to stop in good order once the parent is gone, before the process is ended under them. */
const GRACE_MS = 2_000;

/**
 * Settles, with the reason, when nobody is left to serve: standard input has ended (the parent closed its end of
 * the pipe or died; ^D on a terminal) or a signal asks to stop. With a pipe, the parent is watched too, since
 * another process may hold the pipe's other end open.
 */
export function parentGone(pollMs = 1_000): Promise<string> {
  return new Promise((resolve) => {
    const { stdin } = process;
    for (const event of ['end', 'close', 'error']) stdin.on(event, () => resolve('standard input has ended'));
    // Nothing is read from it, but an end is only seen by a reader.
    stdin.resume();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve(`${signal} received`));
    if (!isPipe(0)) return;
    const parent = process.ppid;
    setInterval(() => isAlive(parent) || resolve('the parent process is gone'), pollMs).unref();
  });
}

/** Ends the process: in good order where `close` is quick, without further ado where native code keeps it. */
export async function endProcess(close: () => Promise<void>): Promise<never> {
  // process.exit() with a thread in native code aborts with a core dump; this cannot fail and leaves none.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS);
  await close().catch(() => undefined);
  process.exit(0);
}

function isPipe(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

/** An orphan is given another parent on POSIX systems; Windows leaves it the number of the dead one. */
function isAlive(parent: number): boolean {
  if (process.ppid !== parent) return false;
  try {
    process.kill(parent, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
