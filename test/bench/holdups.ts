import { openSync, readSync } from 'node:fs';

/** How long a thread did not come to its next message, in milliseconds. */
export interface Holdups {
  /** The longest time between two turns of its event loop beyond the one asked for. */
  longest: number;
  /** The part of that in which it could have run and had no core. */
  longestWaiting: number;
  /** The longest without the time it waited for a core: what its own work took. */
  longestBlocked: number;
  /** 99.9 % of all are shorter, waiting included. */
  nearly: number;
}

const TICK_MS = 1;
/** Hold-ups are counted in steps of a tenth of a millisecond, up to two seconds. */
const STEPS_PER_MS = 10;
const STEPS = 2_000 * STEPS_PER_MS;

/**
 * Watches the thread it is made in. On a machine of few cores a thread that has nothing to do but its own is held up by others
 * as well; the kernel counts that time (`run_delay` of schedstat), so that both can be told apart. Nothing is kept of single
 * turns: the collector would have to go over it, and its time would be measured.
 */
export class HoldupWatch {
  private readonly schedstat = openSync('/proc/thread-self/schedstat', 'r');
  private readonly text = Buffer.alloc(96);
  private readonly counts = new Uint32Array(STEPS + 1);
  private timer?: NodeJS.Timeout;
  private longest = 0;
  private longestWaiting = 0;
  private longestBlocked = 0;

  /** Begins anew, also where it was not stopped. */
  start(): void {
    clearInterval(this.timer);
    this.counts.fill(0);
    this.longest = this.longestWaiting = this.longestBlocked = 0;
    let last = performance.now();
    let waitedBefore = this.waitedSoFar();
    this.timer = setInterval(() => {
      const now = performance.now();
      const waited = this.waitedSoFar();
      this.turn(Math.max(now - last - TICK_MS, 0), waited - waitedBefore);
      last = now;
      waitedBefore = waited;
    }, TICK_MS);
  }

  stop(): Holdups {
    clearInterval(this.timer);
    const { counts, longest, longestWaiting, longestBlocked } = this;
    const turns = counts.reduce((sum, count) => sum + count, 0);
    let step = 0;
    for (let seen = counts[0]!; seen < turns * 0.999; step++) seen += counts[step + 1]!;
    return { longest, longestWaiting, longestBlocked, nearly: (step + 1) / STEPS_PER_MS };
  }

  private turn(held: number, waited: number): void {
    this.counts[Math.min(STEPS, Math.floor(held * STEPS_PER_MS))]!++;
    this.longestBlocked = Math.max(this.longestBlocked, held - waited);
    if (held <= this.longest) return;
    this.longest = held;
    this.longestWaiting = Math.min(waited, held);
  }

  private waitedSoFar(): number {
    const length = readSync(this.schedstat, this.text, 0, this.text.length, 0);
    return Number(this.text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
  }
}
