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

/**
 * Watches the thread it is made in. On a machine of few cores a thread that has nothing to do but its own is held up by others
 * as well; the kernel counts that time (`run_delay` of schedstat), so that both can be told apart.
 */
export class HoldupWatch {
  private readonly schedstat = openSync('/proc/thread-self/schedstat', 'r');
  private readonly text = Buffer.alloc(96);
  private timer?: NodeJS.Timeout;
  private seen: { held: number; waited: number }[] = [];

  start(): void {
    this.seen = [];
    let last = performance.now();
    let waitedBefore = this.waitedSoFar();
    this.timer = setInterval(() => {
      const now = performance.now();
      const waited = this.waitedSoFar();
      this.seen.push({ held: Math.max(now - last - TICK_MS, 0), waited: waited - waitedBefore });
      last = now;
      waitedBefore = waited;
    }, TICK_MS);
  }

  stop(): Holdups {
    clearInterval(this.timer);
    const held = this.seen.map((turn) => turn.held).sort((a, b) => a - b);
    const longest = this.seen.reduce((most, turn) => (turn.held > most.held ? turn : most));
    return {
      longest: longest.held,
      longestWaiting: Math.min(longest.waited, longest.held),
      longestBlocked: this.seen.reduce((most, turn) => Math.max(most, turn.held - turn.waited), 0),
      nearly: held[Math.floor(held.length * 0.999)]!,
    };
  }

  private waitedSoFar(): number {
    const length = readSync(this.schedstat, this.text, 0, this.text.length, 0);
    return Number(this.text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
  }
}
