/** A pick repeats a better-scored one of its class if the cosine of their images is above 1 − ε. */
export const EPSILON = 0.05;
export const REPEATED = Math.fround(1 - EPSILON);

/**
 * Counts near-duplicates of a class for many sets at once. In the order of the scores, so that the best-scored copy stays;
 * equal scores in the order of the pairs. Each pair is held against those before it that some set keeps: a set's mask says
 * whether it holds a pair, and loses a pair that repeats one which the set kept.
 */
export class RepeatCount {
  /** The pairs, best score first. */
  readonly order: Int32Array;
  /** Bits of sets, 32 to a word. */
  private readonly inside: Int32Array[];
  private readonly kept: Int32Array[];
  private readonly seen: Int32Array;

  constructor(
    scores: Float64Array,
    private readonly sets: number,
  ) {
    this.order = Int32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
    const words = Math.ceil(sets / 32);
    this.inside = Array.from({ length: words }, () => new Int32Array(scores.length));
    this.kept = Array.from({ length: words }, () => new Int32Array(scores.length));
    this.seen = new Int32Array(words);
  }

  /** Says that a set holds pairs. */
  include(pairs: Int32Array, set: number): void {
    const word = this.inside[set >> 5]!;
    const bit = 1 << (set & 31);
    for (let i = 0; i < pairs.length; i++) word[pairs[i]!]! |= bit;
  }

  /** Says that the pair in turn is alike to one that was kept. */
  repeats(earlier: number): void {
    for (let w = 0; w < this.seen.length; w++) this.seen[w]! |= this.kept[w]![earlier]!;
  }

  /** Ends the turn of a pair: whether some set keeps it. `counts` are of repeats, by set. */
  settle(pair: number, counts: Int32Array): boolean {
    let alive = false;
    for (let w = 0; w < this.seen.length; w++) {
      const inside = this.inside[w]![pair]!;
      const repeated = inside & this.seen[w]!;
      const kept = inside & ~this.seen[w]!;
      this.kept[w]![pair] = kept;
      this.seen[w] = 0;
      if (kept !== 0) alive = true;
      if (repeated !== 0)
        for (let set = 32 * w; set < Math.min(this.sets, 32 * (w + 1)); set++)
          counts[set]! += (repeated >>> (set & 31)) & 1;
    }
    return alive;
  }
}
