import type { EmbeddingTable } from '../rows/pairBlock.js';
import { PairRows, type Drift } from '../kernels/pairRows.js';

/**
 * The pairs of one class and the sum of those picked. A pair is read when it is first looked at and kept while there is
 * room: the greedy looks at few more pairs than it picks. Beyond `capacity` a pair is read each time.
 */
export class ClassPairs {
  private readonly pairs: PairRows;
  private rows: Int32Array = new Int32Array(0);
  /** Where a pair of the class lies, less than 0 while it was not read. */
  private slots = new Int32Array(0);
  private used = 0;
  private picked = 0;
  private readonly drifted: Drift = { offset: 0, image: 0, text: 0 };

  constructor(table: EmbeddingTable, capacity: number) {
    this.pairs = new PairRows(table, capacity + 1);
  }

  /** Begins a class: its rows, numbered in their order, and v̄ and l̄. Nothing is picked. */
  begin(rows: Int32Array, imageMean: Float64Array, textMean: Float64Array): void {
    this.rows = rows;
    this.slots = new Int32Array(rows.length).fill(-1);
    this.used = this.picked = 0;
    this.pairs.setMeans(imageMean, textMean);
    this.pairs.clearSums();
  }

  /** Picks pair `i`. */
  pick(i: number): void {
    this.pairs.addToSums(this.slotOf(i));
    this.picked++;
  }

  /** Σ_{j picked} c(i,j) */
  similarityToPicks(i: number): number {
    return this.pairs.similarityToSums(this.slotOf(i));
  }

  drift(): Drift {
    this.pairs.drift(this.picked, this.drifted);
    return this.drifted;
  }

  private slotOf(i: number): number {
    let slot = this.slots[i]!;
    if (slot >= 0) return slot;
    const last = this.pairs.capacity - 1;
    slot = this.used < last ? this.used++ : last;
    if (slot < last) this.slots[i] = slot;
    this.pairs.loadRange(this.rows[i]!, 1, slot);
    return slot;
  }
}
