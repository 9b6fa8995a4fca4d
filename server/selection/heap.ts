/**
 * Binary max-heap over positions 0…n−1 with float64 keys, ties to the lowest position unless told otherwise. Built in
 * O(n); only the top's key can change, which is all that lazy greedy and a merge of sorted runs need.
 */
export class Heap {
  private readonly keys: Float64Array;
  private readonly order: Int32Array;
  private count: number;

  constructor(
    keys: Float64Array,
    private readonly tieBefore: (a: number, b: number) => boolean = (a, b) => a < b,
  ) {
    this.keys = keys;
    this.count = keys.length;
    this.order = new Int32Array(this.count);
    for (let i = 0; i < this.count; i++) this.order[i] = i;
    for (let i = (this.count >> 1) - 1; i >= 0; i--) this.sink(i);
  }

  top(): number {
    return this.order[0]!;
  }

  /** Replaces the top's key; the heap finds its new place. */
  changeTop(key: number): void {
    this.keys[this.order[0]!] = key;
    this.sink(0);
  }

  pop(): void {
    this.count--;
    this.order[0] = this.order[this.count]!;
    this.sink(0);
  }

  private before(a: number, b: number): boolean {
    const difference = this.keys[a]! - this.keys[b]!;
    return difference > 0 || (difference === 0 && this.tieBefore(a, b));
  }

  private sink(start: number): void {
    const { order, count } = this;
    const item = order[start]!;
    let hole = start;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= count) break;
      if (child + 1 < count && this.before(order[child + 1]!, order[child]!)) child++;
      if (this.before(item, order[child]!)) break;
      order[hole] = order[child]!;
      hole = child;
    }
    order[hole] = item;
  }
}
