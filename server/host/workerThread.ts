import type { ErrorData, JobProgress } from '../protocol/contract.js';
import type { JobContext } from '../jobs/context.js';
import { ClipcovError } from '../errors.js';

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

/** An error as it crosses the thread boundary; `data` is null for a defect. */
export interface WorkerError {
  message: string;
  stack: string | null;
  data: ErrorData | null;
}

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
  };
  try {
    const job = Object.hasOwn(jobs, input.job) ? jobs[input.job] : undefined;
    if (!job) throw new Error(`No job is named ${input.job}.`);
    port.postMessage({ kind: 'result', result: await job(input.params as never, context) });
  } catch (error) {
    port.postMessage({ kind: 'error', error: packError(error) });
  }
}

function packError(error: unknown): WorkerError {
  if (!(error instanceof Error)) return { message: String(error), stack: null, data: null };
  return {
    message: error.message,
    stack: error.stack ?? null,
    data: error instanceof ClipcovError ? error.data : null,
  };
}

export function unpackError({ message, stack, data }: WorkerError): Error {
  if (data)
    return new ClipcovError(data.code, message, {
      ...(data.where !== null && { where: data.where }),
      ...(data.fix !== null && { fix: data.fix }),
    });
  const error = new Error(message);
  if (stack !== null) error.stack = stack;
  return error;
}
