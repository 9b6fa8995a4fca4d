import { Cancelled, ClipcovError } from '../errors.js';
import type { JobProgress } from '../protocol/progress.js';
import { startJob, type RunningJob, type WorkerOptions } from './runningJob.js';

export interface JobRequest {
  job: string;
  params: unknown;
  signal: AbortSignal;
  report(progress: JobProgress): void;
}

export interface RunnerOptions extends WorkerOptions {
  lingerMs: number;
  stuckMs: number;
}

interface Waiting extends JobRequest {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Runs jobs one after another, in the order they came: each may use every core and write the same store. */
export class JobRunner {
  readonly #queue: Waiting[] = [];
  readonly #threads = new Set<RunningJob>();
  #current: RunningJob | null = null;
  #stuck = false;
  #closed = false;

  constructor(private readonly options: RunnerOptions) {}

  run(request: JobRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (request.signal.aborted || this.#closed) return reject(new Cancelled());
      if (this.#stuck) return reject(stuck());
      const waiting = { ...request, resolve, reject };
      this.#queue.push(waiting);
      request.signal.addEventListener('abort', () => this.#withdraw(waiting), { once: true });
      this.#startNext();
    });
  }

  /** Cancels everything; settles when no thread is left, which native code may delay without limit. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) waiting.reject(new Cancelled());
    for (const thread of this.#threads) thread.cancel();
    await Promise.all([...this.#threads].map((thread) => thread.ended));
  }

  #withdraw(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    waiting.reject(new Cancelled());
  }

  #startNext(): void {
    const next = this.#current ? undefined : this.#queue.shift();
    if (!next) return;
    let running: RunningJob;
    try {
      running = startJob(next.job, next.params, next.report, this.options);
    } catch (error) {
      // The system gives no thread at present; the jobs behind this one may find one.
      next.reject(error);
      return this.#startNext();
    }
    this.#current = running;
    this.#threads.add(running);
    next.signal.addEventListener('abort', () => running.cancel(), { once: true });
    running.answer.then(next.resolve, next.reject);
    void this.#follow(running);
  }

  /** The next job starts when the thread of this one has ended, so that its memory is free again. */
  async #follow(running: RunningJob): Promise<void> {
    await running.answer.catch(() => undefined);
    const timer = running.abandoned
      ? setTimeout(() => this.#refuseAll(), this.options.stuckMs)
      : setTimeout(() => this.#release(running), this.options.lingerMs);
    await running.ended;
    clearTimeout(timer);
    this.#threads.delete(running);
    this.#release(running);
  }

  #release(running: RunningJob): void {
    if (this.#current !== running) return;
    this.#current = null;
    this.#stuck = false;
    this.#startNext();
  }

  #refuseAll(): void {
    this.#stuck = true;
    for (const waiting of this.#queue.splice(0)) waiting.reject(stuck());
  }
}

function stuck(): ClipcovError {
  return new ClipcovError('worker-stuck', 'An earlier job was cancelled but has not stopped.', {
    fix: 'Restart the server: reload the window, or end the command and start it again.',
  });
}
