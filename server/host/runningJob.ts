import { Worker } from 'node:worker_threads';
import '../oncePerProcess.js';
import { Cancelled, ClipcovError } from '../errors.js';
import type { JobProgress } from '../protocol/progress.js';
import { unpackError } from '../threadErrors.js';
import type { WorkerInput, WorkerMessage } from './workerThread.js';

export interface RunningJob {
  answer: Promise<unknown>;
  /** Settles when the thread is gone, which may be long after the answer; never rejects. */
  ended: Promise<void>;
  /** Whether the request was answered as cancelled while the thread goes on. */
  readonly abandoned: boolean;
  cancel(): void;
}

export interface WorkerOptions {
  worker: URL;
  cancelMs: number;
  heapMb: number;
  log(line: string): void;
}

/**
 * Starts a job in a thread of its own. The thread is never terminated: that would abort the whole process while
 * native code runs. It is asked to stop, and left alone where it does not.
 */
export function startJob(
  job: string,
  params: unknown,
  report: (progress: JobProgress) => void,
  { worker, cancelMs, heapMb, log }: WorkerOptions,
): RunningJob {
  const cancelFlag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const thread = new Worker(worker, {
    workerData: { job, params, cancelFlag } satisfies WorkerInput,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    // The process's own stdout carries the address and nothing else.
    stdout: true,
  });
  const started = performance.now();
  log(`info job=${job} state=started`);
  thread.stdout.on('data', (chunk: Buffer) => log(chunk.toString().trimEnd()));

  let timer: NodeJS.Timeout | undefined;
  let answered = false;
  let abandoned = false;
  let giveUp = (): void => undefined;
  const answer = new Promise<unknown>((resolve, reject) => {
    giveUp = () => {
      abandoned = true;
      reject(new Cancelled());
    };
    thread.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') report(message.progress);
      else if (message.kind === 'result') resolve(message.result);
      else reject(unpackError(message.error));
    });
    thread.on('error', (error: unknown) => {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      reject(died(job, error));
    });
    // Changes nothing where the thread has answered before it ended.
    thread.on('exit', (code) => reject(died(job, `exit code ${code}`)));
  });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const settled = (): void => {
    answered = true;
    clearTimeout(timer);
  };
  answer.then(settled, settled);
  const tell = (state: string): void =>
    log(`info job=${job} state=${state} seconds=${((performance.now() - started) / 1000).toFixed(1)}`);
  answer.then(
    () => tell('done'),
    (error: unknown) => tell(error instanceof ClipcovError ? error.code : 'failed'),
  );

  return {
    answer,
    ended,
    get abandoned() {
      return abandoned;
    },
    cancel: () => {
      Atomics.store(new Int32Array(cancelFlag), 0, 1);
      if (!answered) timer ??= setTimeout(giveUp, cancelMs);
    },
  };
}

function died(job: string, cause: unknown): ClipcovError {
  const { code, message } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : { message: cause };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new ClipcovError('worker-died', `The job '${job}' ran out of memory.`, {
      fix: 'Close other programs or work on a smaller table; finished embeddings are kept.',
      cause,
    });
  const reason = String(message).split('\n', 1)[0];
  return new ClipcovError('worker-died', `The job '${job}' ended without a result: ${reason}.`, {
    fix: 'Run it again; if it ends the same way, the server log says where.',
    cause,
  });
}
