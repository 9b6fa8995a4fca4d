import type { Products } from '../selection/products.js';
import { CHUNK_ROWS, PIECE_ROWS, type ClassRows } from './classRows.js';

/** Σ ṽl̃ᵀ over pairs that are added one after another, a chunk at a time. */
export class CentredSum {
  private begun = false;

  constructor(
    private readonly rows: ClassRows,
    private readonly products: Products,
    private readonly checkpoint: () => Promise<void>,
  ) {}

  /** Adds pairs of the class whose means are set. */
  async addPairs(pairs: Int32Array): Promise<void> {
    const { matrices } = this.rows;
    for (let first = 0; first < pairs.length; first += CHUNK_ROWS) {
      const places = this.rows.places(pairs.subarray(first, first + CHUNK_ROWS));
      await this.checkpoint();
      if (!this.begun) matrices.clear();
      this.begun = true;
      matrices.settle();
      for (let at = 0; at < places.length; at += PIECE_ROWS)
        await this.rows.product(places.subarray(at, at + PIECE_ROWS), at === 0, this.products);
      matrices.addOuter();
    }
  }

  /** Ends the sum, which is in the matrices of the rows until more is added; false of nothing. */
  take(): boolean {
    const { begun } = this;
    this.begun = false;
    return begun;
  }
}
