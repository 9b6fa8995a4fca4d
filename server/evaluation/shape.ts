/** What CLIP scores lie in. */
export const SCORE_RANGE: [number, number] = [-0.2, 0.6];
const BINS = 40;
/** Classes that are told apart. */
const LARGEST = 30;

/** Of each bin, the share of the scores in it. */
export function scoreShares(clipScores: Float64Array): number[] {
  const [from, to] = SCORE_RANGE;
  const shares = new Array<number>(BINS).fill(0);
  for (const score of clipScores) {
    const bin = Math.floor(((score - from) / (to - from)) * BINS);
    shares[Math.max(0, Math.min(BINS - 1, bin))]! += 1 / clipScores.length;
  }
  return shares;
}

/** Of each of the largest classes of all pairs, and then of the others, the share of the picks in it. */
export function classShares(picked: Int32Array, members: readonly Int32Array[]): number[] {
  const picks = Math.max(
    1,
    picked.reduce((sum, count) => sum + count, 0),
  );
  const largest = [...members.keys()]
    .sort((a, b) => members[b]!.length - members[a]!.length)
    .slice(0, LARGEST);
  const shares = largest.map((k) => picked[k]! / picks);
  const rest = 1 - shares.reduce((sum, share) => sum + share, 0);
  return [...shares, Math.max(0, rest)];
}
