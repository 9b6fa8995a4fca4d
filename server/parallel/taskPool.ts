import { Worker } from 'node:worker_threads';
import '../oncePerProcess.js';
import { Cancelled, ClipcovError } from '../errors.js';
import { packError, unpackError, type WorkerError } from '../threadErrors.js';

/** What a thread of a pool is started with. */
export interface PoolData<Setup> {
  setup: Setup;
  /** One Int32 in shared memory, non-zero once tasks should stop. */
  cancelFlag: SharedArrayBuffer;
}

export type PoolMessage<Answer> = { answer: Answer } | { error: WorkerError };

/** How often a pool asks whether its job was cancelled. */
const CANCEL_POLL_MS = 50;

/**
 * Threads that take tasks as they come free. Tasks must not depend on which thread runs them, nor on their order, so
 * that results do not depend on the number of threads. A failing or cancelled task ends the others at their next check.
 */
export class TaskPool<Setup, Task, Answer> {
  private readonly workers: Worker[];
  private readonly flag: Int32Array;

  constructor(
    script: URL,
    threads: number,
    setup: Setup,
    private readonly cancelled: () => boolean,
  ) {
    const cancelFlag = new SharedArrayBuffer(4);
    this.flag = new Int32Array(cancelFlag);
    this.workers = Array.from(
      { length: threads },
      () => new Worker(script, { workerData: { setup, cancelFlag } satisfies PoolData<Setup>, stdout: true }),
    );
  }

  get threads(): number {
    return this.workers.length;
  }

  /** Gives every thread the same task. */
  async broadcast(task: Task): Promise<Answer[]> {
    return Promise.all(this.workers.map((worker) => this.ask(worker, task)));
  }

  /** Runs all tasks; `onAnswer` sees each answer as it comes, one at a time. */
  async run(tasks: Iterable<Task>, onAnswer: (answer: Answer, task: number) => Promise<void>): Promise<void> {
    const queue = tasks[Symbol.iterator]();
    let next = 0;
    let answering = Promise.resolve();
    const poll = setInterval(() => {
      if (this.cancelled()) Atomics.store(this.flag, 0, 1);
    }, CANCEL_POLL_MS);
    const drain = async (worker: Worker): Promise<void> => {
      for (;;) {
        const item = queue.next();
        if (item.done) return;
        const task = next++;
        const answer = await this.ask(worker, item.value);
        answering = answering.then(() => onAnswer(answer, task));
        await answering;
        if (this.cancelled()) throw new Cancelled();
      }
    };
    const drained = await Promise.allSettled(
      this.workers.map((worker) =>
        drain(worker).catch((error: unknown) => {
          Atomics.store(this.flag, 0, 1);
          throw error;
        }),
      ),
    );
    clearInterval(poll);
    const failed = drained
      .filter((result) => result.status === 'rejected')
      .map(({ reason }) => reason as unknown);
    // The first real error; the others were only told to stop.
    if (failed.length) throw failed.find((error) => !(error instanceof Cancelled)) ?? failed[0];
  }

  /** Lets the threads end by themselves: terminating one inside native code would abort the process. */
  async close(): Promise<void> {
    await Promise.all(
      this.workers.map(
        (worker) =>
          new Promise<void>((resolve) => {
            worker.once('exit', () => resolve());
            worker.postMessage(null);
          }),
      ),
    );
  }

  private ask(worker: Worker, task: Task): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        settled();
      };
      const onMessage = (message: PoolMessage<Answer>): void =>
        settle(() => ('error' in message ? reject(unpackError(message.error)) : resolve(message.answer)));
      const onError = (error: unknown): void => settle(() => reject(died(error)));
      const onExit = (code: number): void =>
        settle(() => reject(new Error(`a thread of the selection ended with code ${code}`)));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(task);
    });
  }
}

/** What a person can do about a thread that ended of too little memory; anything else is a defect. */
function died(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new ClipcovError('worker-died', 'A thread of the selection ran out of memory.', {
    fix: 'Give it less to keep (--memory, setting clipcov.memory) or close other programs; finished embeddings are kept.',
    cause: error,
  });
}

/** The thread's side: answers each task in turn, until it is told to end. */
export function serveTasks<Task, Answer>(
  port: { on(event: 'message', listener: (task: Task | null) => void): unknown; close(): void } & {
    postMessage(message: PoolMessage<Answer>): void;
  },
  perform: (task: Task) => Promise<Answer>,
  end: () => Promise<void>,
): void {
  port.on('message', (task) => {
    if (task === null) void end().finally(() => port.close());
    else
      perform(task).then(
        (answer) => port.postMessage({ answer }),
        (error: unknown) => port.postMessage({ error: packError(error) }),
      );
  });
}
