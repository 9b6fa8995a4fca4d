import type { JobProgress } from '../protocol/progress.js';
import type { JobContext } from '../context.js';
import { packError, type WorkerError } from '../threadErrors.js';

/** What a worker thread is started with. */
export interface WorkerInput {
  job: string;
  params: unknown;
  /** One Int32 in shared memory, non-zero once the job should stop: a busy thread reads no messages. */
  cancelFlag: SharedArrayBuffer;
}

/** What a worker thread posts: any number of progress messages, then one result or one error. */
export type WorkerMessage =
  | { kind: 'progress'; progress: JobProgress }
  | { kind: 'result'; result: unknown }
  | { kind: 'error'; error: WorkerError };

/** Parameters are `never` here since a table of jobs cannot name one type for all; the host validated them. */
export type AnyJob = (params: never, context: JobContext) => Promise<unknown>;

/** Runs one job in a worker thread and posts what becomes of it. The thread ends by itself afterwards. */
export async function runJob(
  jobs: Readonly<Record<string, AnyJob>>,
  input: WorkerInput,
  port: { postMessage(message: WorkerMessage): void },
): Promise<void> {
  const flag = new Int32Array(input.cancelFlag);
  const context: JobContext = {
    report: (progress) => port.postMessage({ kind: 'progress', progress }),
    cancelled: () => Atomics.load(flag, 0) !== 0,
    previews: true,
  };
  try {
    const job = Object.hasOwn(jobs, input.job) ? jobs[input.job] : undefined;
    if (!job) throw new Error(`No job is named ${input.job}.`);
    port.postMessage({ kind: 'result', result: await job(input.params as never, context) });
  } catch (error) {
    port.postMessage({ kind: 'error', error: packError(error) });
  }
}
