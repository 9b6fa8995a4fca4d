/** Numbers that a seed decides, so that what was found can be found again (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** Bytes that were changed in one to eight places: flipped, cut off, cut out, doubled, or overwritten with what parsers fear. */
  mutated(bytes: Buffer): Buffer {
    let changed: Buffer = Buffer.from(bytes);
    for (let changes = 1 + this.below(8); changes > 0; changes--) {
      const at = this.below(changed.length + 1);
      const length = this.below(Math.min(64, changed.length - at + 1));
      switch (this.below(6)) {
        case 0:
          if (at < changed.length) changed[at]! ^= 1 << this.below(8);
          break;
        case 1:
          changed = changed.subarray(0, at);
          break;
        case 2:
          changed = Buffer.concat([changed.subarray(0, at), changed.subarray(at + length)]);
          break;
        case 3:
          changed = Buffer.concat([changed.subarray(0, at + length), changed.subarray(at)]);
          break;
        case 4:
          changed = Buffer.concat([changed.subarray(0, at), this.of(FEARED), changed.subarray(at)]);
          break;
        default:
          changed = Buffer.concat([changed.subarray(0, at), this.of(FEARED), changed.subarray(at + length)]);
      }
    }
    return changed;
  }
}

const FEARED = [
  ...['\0', '"', ',', '\n', '\r\n', '\\', '{', '}', '[', ']', '../', '/etc/passwd', '%s%n', '\u202e', '💥'],
  ...['-1', '1e999', '99999999999999999999', 'NaN', 'null', '__proto__', 'x'.repeat(70_000)],
]
  .map((text) => Buffer.from(text))
  .concat([
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0xff, 0xff, 0xff, 0x7f]),
    Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
    Buffer.alloc(512),
    Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80]),
  ]);
