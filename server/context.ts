import type { JobProgress } from './protocol/progress.js';
import { Cancelled } from './errors.js';

/** What a job is handed by whoever runs it (command line, server): where progress goes, and when to stop. */
export interface JobContext {
  report(progress: JobProgress): void;
  cancelled(): boolean;
  /** Whether somebody looks at previews of the work: where nobody does, none are made. */
  previews?: boolean;
}

/** To be called between chunks of work, at least ten times a second. */
export function throwIfCancelled(context: Pick<JobContext, 'cancelled'>): void {
  if (context.cancelled()) throw new Cancelled();
}
