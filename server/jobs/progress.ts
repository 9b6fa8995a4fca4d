import type { DeviceReport, JobProgress, Stage } from '../protocol/progress.js';
import type { JobContext } from '../context.js';

const INTERVAL_MS = 200;
/** Over how long the rate is taken: long enough to be calm, short enough to notice a change. */
const WINDOW_MS = 10_000;

/** Turns what a stage has done into progress with rate and time left, at most five times a second. */
export class ProgressReporter {
  private stage: Stage = 'read';
  private unit = 'pairs';
  private history: { at: number; done: number }[] = [];
  private lastSent = 0;
  private skipped = 0;
  private subset: string | undefined;
  /** The run's own, which changes when a device is lost. */
  device: DeviceReport | null = null;

  constructor(private readonly context: JobContext) {}

  begin(stage: Stage, unit: string): void {
    if (stage === this.stage && unit === this.unit) return;
    this.stage = stage;
    this.unit = unit;
    this.history = [];
    this.lastSent = 0;
  }

  /** The subset is on disk from now on. */
  saved(subset: string): void {
    this.subset = subset;
  }

  update(done: number, total: number, skipped = this.skipped, previews?: JobProgress['previews']): void {
    this.skipped = skipped;
    const now = performance.now();
    // The last of a stage is told at once; where it is not known how many there are, there is no telling which is the last.
    const isLast = total > 0 && done >= total;
    if (!previews?.length && now - this.lastSent < INTERVAL_MS && !isLast) return;
    this.lastSent = now;
    this.history.push({ at: now, done });
    while (this.history.length > 2 && now - this.history[0]!.at > WINDOW_MS) this.history.shift();
    const first = this.history[0]!;
    const seconds = (now - first.at) / 1000;
    const rate = seconds > 0.5 && done > first.done ? (done - first.done) / seconds : null;
    this.context.report({
      stage: this.stage,
      done,
      total,
      unit: this.unit,
      rate,
      secondsLeft: rate === null || total === 0 ? null : (total - done) / rate,
      device: this.device?.used ?? '',
      skipped: this.skipped,
      ...(previews?.length ? { previews } : {}),
      ...(this.subset === undefined ? {} : { subset: this.subset }),
    });
  }
}

/** Lets messages and timers through, so that a cancellation is seen while a stage computes. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
