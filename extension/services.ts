import type { KeptRuns } from './run/keptRuns.js';
import type { Runs } from './run/runs.js';
import type { ServerLog } from './server/log.js';
import type { Server } from './server/server.js';

/** What the features share; made once, in `activate`. */
export interface Services {
  server: Server;
  runs: Runs;
  kept: KeptRuns;
  log: ServerLog;
}
