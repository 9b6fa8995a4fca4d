import type { EmbeddingTable } from '../embeddings/pairBlock.js';
import { PairRows } from '../kernels/pairRows.js';

/** How the sum of the picks has drifted from as many times the class mean: δ = Σ_S x − |S|·x̄, image and text side. */
export interface Drift {
  /** ⟨v̄,δ_l⟩ + ⟨l̄,δ_v⟩ */
  offset: number;
  /** ‖δ_v‖ */
  image: number;
  /** ‖δ_l‖ */
  text: number;
}

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
  private imageMean: Float64Array = new Float64Array(0);
  private textMean: Float64Array = new Float64Array(0);

  constructor(table: EmbeddingTable, capacity: number) {
    this.pairs = new PairRows(table, capacity + 1);
  }

  /** Begins a class: its rows, numbered in their order, and v̄ and l̄. Nothing is picked. */
  begin(rows: Int32Array, imageMean: Float64Array, textMean: Float64Array): void {
    this.rows = rows;
    this.slots = new Int32Array(rows.length).fill(-1);
    this.used = this.picked = 0;
    this.imageMean = imageMean;
    this.textMean = textMean;
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
    const { images, texts } = this.pairs.sums;
    const drift = { offset: 0, image: 0, text: 0 };
    for (let j = 0; j < images.length; j++) {
      const image = images[j]! - this.picked * this.imageMean[j]!;
      const text = texts[j]! - this.picked * this.textMean[j]!;
      drift.offset += this.imageMean[j]! * text + this.textMean[j]! * image;
      drift.image += image * image;
      drift.text += text * text;
    }
    drift.image = Math.sqrt(drift.image);
    drift.text = Math.sqrt(drift.text);
    return drift;
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
