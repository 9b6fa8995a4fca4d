/** A set of ids below `size`, a bit each: millions of pairs in a megabyte for each check. */
export class IdSet {
  private readonly bits: Uint8Array;
  count = 0;

  constructor(readonly size: number) {
    this.bits = new Uint8Array(Math.ceil(size / 8));
  }

  add(id: number): void {
    if (this.has(id)) return;
    this.bits[id >> 3]! |= 1 << (id & 7);
    this.count++;
  }

  has(id: number): boolean {
    return (this.bits[id >> 3]! & (1 << (id & 7))) !== 0;
  }

  /** Ascending. */
  *[Symbol.iterator](): Iterator<number> {
    for (let byte = 0; byte < this.bits.length; byte++)
      if (this.bits[byte] !== 0) for (let id = byte * 8; id < byte * 8 + 8; id++) if (this.has(id)) yield id;
  }
}
