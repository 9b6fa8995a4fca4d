import type { Bounds } from './viewport.js';

/** Finds the point that is nearest to a place of the map: points by the cells of a grid. */
export class PointIndex {
  private readonly cells: number;
  private readonly starts: Int32Array;
  private readonly rows: Int32Array;

  constructor(
    private readonly points: Float32Array,
    private readonly bounds: Bounds,
  ) {
    const count = points.length / 2;
    this.cells = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(count / 4))));
    const cellOf = new Int32Array(count);
    this.starts = new Int32Array(this.cells ** 2 + 1);
    for (let row = 0; row < count; row++) {
      const x = points[2 * row]!;
      cellOf[row] = Number.isNaN(x) ? -1 : this.row(points[2 * row + 1]!) * this.cells + this.column(x);
      if (cellOf[row]! >= 0) this.starts[cellOf[row]! + 1]!++;
    }
    for (let cell = 0; cell < this.cells ** 2; cell++) this.starts[cell + 1]! += this.starts[cell]!;
    const filled = this.starts.slice();
    this.rows = new Int32Array(this.starts[this.cells ** 2]!);
    for (let row = 0; row < count; row++) if (cellOf[row]! >= 0) this.rows[filled[cellOf[row]!]!++] = row;
  }

  /** The row of the nearest point no farther than `radius` that is wanted, or −1. */
  nearest(x: number, y: number, radius: number, wanted: (row: number) => boolean): number {
    let [found, best] = [-1, radius * radius];
    const [from, to] = [this.column(x - radius), this.column(x + radius)];
    for (let line = this.row(y - radius); line <= this.row(y + radius); line++)
      for (
        let at = this.starts[line * this.cells + from]!;
        at < this.starts[line * this.cells + to + 1]!;
        at++
      ) {
        const row = this.rows[at]!;
        const square = (this.points[2 * row]! - x) ** 2 + (this.points[2 * row + 1]! - y) ** 2;
        if (square > best || (square === best && found >= 0) || !wanted(row)) continue;
        found = row;
        best = square;
      }
    return found;
  }

  private column(x: number): number {
    return this.cell(x, this.bounds.left, this.bounds.right);
  }

  private row(y: number): number {
    return this.cell(y, this.bounds.bottom, this.bounds.top);
  }

  private cell(value: number, low: number, high: number): number {
    const cell = Math.floor(((value - low) / Math.max(high - low, 1e-12)) * this.cells);
    return Math.max(0, Math.min(this.cells - 1, cell));
  }
}
