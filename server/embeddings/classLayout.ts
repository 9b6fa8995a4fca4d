/** Rows of a class that lie side by side: enough to walk through memory in order, few enough to waste little. */
const SLAB_ROWS = 32;

/**
 * Where the rows of a table lie in memory: slabs of one class each, handed out as the rows come. The selection goes
 * through a class at a time, and rows of a class that are neighbours come out of memory several times as fast as rows
 * a page apart.
 */
export class ClassLayout {
  /** Row → position in the arrays of the table. */
  readonly position: Int32Array;
  /** Positions the arrays need. */
  readonly capacity: number;
  private readonly slabRows: number;
  /** Next free position of each class, and how many are left in its slab. */
  private readonly next: Int32Array;
  private readonly left: Int32Array;
  private end = 0;

  /** `classes` without the rows that belong to none: those get a class of their own. */
  constructor(rows: number, classes: number) {
    this.slabRows = Math.max(1, Math.min(SLAB_ROWS, Math.floor(rows / (8 * (classes + 1)))));
    this.capacity = rows + (classes + 1) * (this.slabRows - 1);
    this.position = new Int32Array(rows);
    this.next = new Int32Array(classes + 1);
    this.left = new Int32Array(classes + 1);
  }

  /** The position of a row of class `k`; below 0 for none. */
  place(row: number, k: number): number {
    const slot = k < 0 ? this.next.length - 1 : k;
    if (this.left[slot] === 0) {
      this.next[slot] = this.end;
      this.left[slot] = this.slabRows;
      this.end += this.slabRows;
    }
    this.left[slot]!--;
    return (this.position[row] = this.next[slot]!++);
  }
}
