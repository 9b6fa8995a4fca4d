import type { Distributions } from '../../server/protocol/pairs.js';

type Point = Distributions['curve'][number];

/** What the first `picks` come to: between two known numbers of picks what lies between, of classes those of the lower. */
export function pointAt(curve: readonly Point[], picks: number): Point {
  const after = curve.findIndex((point) => point.picks >= picks);
  const next = curve[after] ?? curve.at(-1)!;
  const before = curve[after - 1];
  if (!before || next.picks === picks) return next;
  const share = (picks - before.picks) / (next.picks - before.picks);
  const between = (a: number, b: number): number => a + share * (b - a);
  return {
    picks,
    gain: between(before.gain, next.gain),
    classes: before.classes,
    clipScore: between(before.clipScore, next.clipScore),
    lowest: between(before.lowest, next.lowest),
    scores: before.scores.map((pairs, bin) => between(pairs, next.scores[bin]!)),
  };
}
