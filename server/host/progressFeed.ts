import type { JobProgress } from '../protocol/progress.js';

/**
 * Passes a job's progress on, at most once per interval and never faster than the receiver reads. In between the
 * newest value wins, but the path of the subset and the newest previews are carried along.
 */
export class ProgressFeed {
  #pending: JobProgress | null = null;
  #draining = false;
  #ended = false;

  constructor(
    private readonly send: (progress: JobProgress) => Promise<void>,
    private readonly intervalMs = 100,
  ) {}

  push(progress: JobProgress): void {
    if (this.#ended) return;
    const { previews, subset } = this.#pending ?? {};
    this.#pending = { ...(previews && { previews }), ...(subset && { subset }), ...progress };
    if (!this.#draining) void this.#drain();
  }

  /** To be called before the job's answer goes out: what is still held goes first. */
  end(): void {
    this.#ended = true;
    void this.#sendPending();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#pending) {
      await this.#sendPending();
      await new Promise((resolve) => setTimeout(resolve, this.intervalMs));
    }
    this.#draining = false;
  }

  async #sendPending(): Promise<void> {
    const progress = this.#pending;
    this.#pending = null;
    try {
      if (progress) await this.send(progress);
    } catch {
      // The connection is closing, which cancels the job itself.
    }
  }
}
