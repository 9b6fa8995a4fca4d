import { Heap } from './heap.js';
import type { SelectionOrder } from './selectionInput.js';

/** The greedy order of one class in rows of the table. */
export type ClassRun = SelectionOrder;

/** The `capacity` largest values offered so far, as a min-heap. */
export class BestGains {
  private readonly values: Float64Array;
  private count = 0;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
  }

  /** The least of the best, −Infinity while there are fewer than `capacity`: what is strictly below it is not needed. */
  get least(): number {
    return this.count < this.values.length || this.count === 0 ? -Infinity : this.values[0]!;
  }

  /** Offers the running minima of a class's gains, which never rise. */
  offerRun(gains: Float64Array): void {
    let least = Infinity;
    for (const gain of gains) {
      least = Math.min(least, gain);
      if (!this.offer(least)) return;
    }
  }

  /**
   * Takes `value` if it is among the best so far. False where it is strictly below all of `capacity` others; a tie
   * is taken, since the lower id may be the one offered later.
   */
  offer(value: number): boolean {
    const { values } = this;
    if (this.count < values.length) {
      let hole = this.count++;
      while (hole > 0 && values[(hole - 1) >> 1]! > value) {
        values[hole] = values[(hole - 1) >> 1]!;
        hole = (hole - 1) >> 1;
      }
      values[hole] = value;
      return true;
    }
    if (values.length === 0 || value < values[0]!) return false;
    this.replaceLeast(value);
    return true;
  }

  private replaceLeast(value: number): void {
    const { values, count } = this;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= count) break;
      if (child + 1 < count && values[child + 1]! < values[child]!) child++;
      if (values[child]! >= value) break;
      values[hole] = values[child]!;
      hole = child;
    }
    values[hole] = value;
  }
}

/**
 * The greedy of the whole from the greedy orders of the classes: at each step the class whose next gain is largest,
 * ties to the lowest row. Classes do not interact, so this is exact.
 */
export function mergeByHead(runs: ClassRun[], budget: number): SelectionOrder {
  const live = runs.filter((run) => run.rows.length > 0);
  const total = live.reduce((sum, run) => sum + run.rows.length, 0);
  const length = Math.min(budget, total);
  const rows = new Int32Array(length);
  const gains = new Float64Array(length);
  const next = new Int32Array(live.length);
  const heap = new Heap(
    Float64Array.from(live, (run) => run.gains[0]!),
    (a, b) => live[a]!.rows[next[a]!]! < live[b]!.rows[next[b]!]!,
  );
  for (let i = 0; i < length; i++) {
    const head = heap.top();
    const run = live[head]!;
    const at = next[head]!++;
    rows[i] = run.rows[at]!;
    gains[i] = run.gains[at]!;
    if (at + 1 < run.rows.length) heap.changeTop(run.gains[at + 1]!);
    else heap.pop();
  }
  return { rows, gains };
}
