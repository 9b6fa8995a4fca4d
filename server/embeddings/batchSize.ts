/** Sizes that are tried, smallest first. */
const SIZES = [2, 4, 8, 16, 32, 64];
/** Runs of each size; the first is slow everywhere (memory is taken, a device compiles) and counts for nothing. */
const RUNS = 3;
/**
 * Nothing stops a batch that has begun: a longer one would keep whoever cancels waiting. A quarter of a second, since other
 * programs on the same cores make it several times as long.
 */
const LONGEST_MS = 250;
/** What trying may cost over a run at the best size. */
const LOST_MS = 2000;
/** A size this close to the fastest is as good, and the smaller one stops sooner and takes less memory. */
const AS_GOOD = 0.97;

/**
 * The size of the batches of one tower. Where none is known, it is found by timing the first batches, each size in its
 * turn: they are work that is to be done anyway, so trying loses only what they are slower than the best.
 */
export class BatchSize {
  private at = 0;
  private runs = 0;
  private fastest = Infinity;
  private readonly rates: number[] = [];
  private spent = { units: 0, ms: 0 };

  private readonly sizes: number[];

  /** `chosen` is known already; of other sizes none above `largest` or below `least` is tried, and `least` where that leaves none. */
  constructor(
    private chosen: number | null = null,
    { least = SIZES[0]!, largest = Infinity }: { least?: number; largest?: number } = {},
  ) {
    const between = SIZES.filter((size) => size >= least && size <= largest);
    this.sizes = between.length > 0 ? between : [least];
  }

  /** Rows that the next batch should have. */
  get size(): number {
    return this.chosen ?? this.sizes[this.at]!;
  }

  /** The size found or given; null while sizes are being tried. */
  get settled(): number | null {
    return this.chosen;
  }

  /**
   * Takes note of a batch of `rows` that took `ms`. `units` is the work in it, such as tokens where rows differ in
   * length; only a batch of the size asked for says anything.
   */
  took(rows: number, units: number, ms: number): void {
    if (this.chosen !== null || rows !== this.size) return;
    this.spent = { units: this.spent.units + units, ms: this.spent.ms + ms };
    this.runs++;
    if (this.runs > 1) {
      this.fastest = Math.min(this.fastest, ms);
      this.rates[this.at] = Math.max(this.rates[this.at] ?? 0, units / ms);
    }
    const best = Math.max(...this.rates, 0);
    const lost = best > 0 ? this.spent.ms - this.spent.units / best : ms;
    if (this.runs < RUNS && lost <= LOST_MS) return;
    const isLast = this.at === this.sizes.length - 1;
    if (isLast || lost > LOST_MS || this.fastest * 2 > LONGEST_MS) {
      const found = this.rates.findIndex((rate) => rate >= best * AS_GOOD);
      this.chosen = this.sizes[Math.max(0, found)]!;
    } else {
      this.at++;
      this.runs = 0;
      this.fastest = Infinity;
    }
  }
}
