import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { serveStandalone } from '../host/standalone.js';
import { queries } from '../jobs/registry.js';

/** Set when the product is bundled. */
declare const CLIPCOV_VERSION: string | undefined;

/** `clipcov serve`: prints one line of JSON, `{"port","token","protocol"}`, and serves until stdin closes. */
export async function serveCommand(): Promise<void> {
  yieldToEditor();
  await serveStandalone({
    version: typeof CLIPCOV_VERSION === 'undefined' ? 'unbundled' : CLIPCOV_VERSION,
    // The bundle of host/worker.ts lies beside the bundle of the command line.
    worker: new URL('./worker.js', import.meta.url),
    queries,
  });
}

/** An editor that draws what is computed here must not wait for it. Threads made from here on inherit the priority. */
function yieldToEditor(): void {
  // On Linux a priority is a thread's, and those of the file pool, which decode thumbnails, are there already.
  const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid];
  for (const thread of threads) setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
}
