import { constants, setPriority } from 'node:os';
import { serveStandalone } from '../host/standalone.js';
import { queries } from '../jobs/registry.js';

/** Set when the product is bundled. */
declare const CLIPCOV_VERSION: string | undefined;

/** `clipcov serve`: prints one line of JSON, `{"port","token","protocol"}`, and serves until stdin closes. */
export async function serveCommand(): Promise<void> {
  // Threads made from here on inherit it: an editor that draws what is computed here must not wait for it.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  await serveStandalone({
    version: typeof CLIPCOV_VERSION === 'undefined' ? 'unbundled' : CLIPCOV_VERSION,
    // The bundle of host/worker.ts lies beside the bundle of the command line.
    worker: new URL('./worker.js', import.meta.url),
    queries,
  });
}
