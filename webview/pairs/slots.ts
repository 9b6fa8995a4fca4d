/**
 * Gives every row in sight a slot that stays with it, and the slots of rows that left to rows that come. A row's element
 * belongs to its slot: while the list scrolls, elements are filled anew instead of being made anew.
 */
export class Slots {
  private readonly taken = new Map<number, number>();
  private free: number[] = [];
  private made = 0;

  /** Slots of these rows, which stay as they are until the next call. */
  assign(rows: readonly number[]): ReadonlyMap<number, number> {
    const wanted = new Set(rows);
    for (const [row, slot] of this.taken) {
      if (wanted.has(row)) continue;
      this.taken.delete(row);
      this.free.push(slot);
    }
    for (const row of rows) if (!this.taken.has(row)) this.taken.set(row, this.free.pop() ?? this.made++);
    // An element that nobody uses is gone; its number is given again, the lowest first.
    this.free.sort((a, b) => b - a);
    return this.taken;
  }
}
