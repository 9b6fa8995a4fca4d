import type { Products } from '../selection/products.js';
import { CHUNK_ROWS, type ClassRows } from './classRows.js';

/** Σ ṽl̃ᵀ over pairs that are added one after another, a chunk at a time. */
export class CentredSum {
  private filled = 0;
  /** Whether a chunk before this one is in the sum. */
  private begun = false;

  constructor(
    private readonly rows: ClassRows,
    private readonly products: Products,
    private readonly checkpoint: () => Promise<void>,
  ) {}

  /** Adds pairs of the class whose means are set. */
  async addPairs(pairs: Int32Array): Promise<void> {
    for (let first = 0; first < pairs.length;) {
      const count = Math.min(pairs.length - first, CHUNK_ROWS - this.filled);
      const places = this.rows.places(pairs.subarray(first, first + count));
      for (let i = 0; i < count; i++) this.rows.centre(places[i]!, this.filled++);
      first += count;
      if (this.filled === CHUNK_ROWS) await this.flush();
    }
  }

  /** Brings the sum into the matrices of the rows, where it is valid until more is added; false of nothing. */
  async take(): Promise<boolean> {
    await this.flush();
    const { begun } = this;
    this.begun = false;
    return begun;
  }

  private async flush(): Promise<void> {
    if (this.filled === 0) return;
    await this.checkpoint();
    const { matrices } = this.rows;
    if (!this.begun) matrices.clear();
    this.begun = true;
    await this.rows.product(this.filled, this.products);
    matrices.addOuter();
    this.filled = 0;
  }
}
