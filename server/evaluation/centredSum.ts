import type { Products } from '../selection/products.js';
import { CHUNK_ROWS, PIECE_ROWS, type ClassRows } from './classRows.js';

/** Σ ṽl̃ᵀ over pairs that are added one after another, a chunk at a time. */
export class CentredSum {
  private begun = false;
  /** Rows of the product that is added to. */
  private filled = 0;

  constructor(
    private readonly rows: ClassRows,
    private readonly products: Products,
    private readonly checkpoint: () => Promise<void>,
  ) {}

  /** Adds pairs that are open, minus the means that are set. */
  async addPairs(pairs: Int32Array): Promise<void> {
    const { matrices } = this.rows;
    if (!this.begun) matrices.clear();
    for (let first = 0; first < pairs.length; first += CHUNK_ROWS) {
      const places = this.rows.places(pairs.subarray(first, first + CHUNK_ROWS));
      for (let at = 0; at < places.length; at += PIECE_ROWS) {
        await this.checkpoint();
        const piece = places.subarray(at, at + PIECE_ROWS);
        const isFirst = this.filled === 0 || this.filled + piece.length > CHUNK_ROWS;
        if (isFirst) matrices.settle();
        this.filled = piece.length + (isFirst ? 0 : this.filled);
        await this.rows.product(piece, isFirst, this.products);
        if (isFirst) matrices.addOuter();
        this.begun = true;
      }
    }
  }

  /** Ends the sum, which is in the matrices of the rows until more is added; false of nothing. */
  take(): boolean {
    const { begun } = this;
    this.begun = false;
    this.filled = 0;
    return begun;
  }
}
