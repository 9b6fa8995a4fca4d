/** The order in which points are drawn: those that are not picked, then the picks, each shuffled. */
export interface DrawOrder {
  /** Rows that have a place. */
  rows: Int32Array;
  /** How many of them come before the first pick. */
  dropped: number;
}

/**
 * Any first part of a shuffled row of points is a fair sample of it, so a part of each can be drawn while the map moves. Picks come
 * last, on top.
 */
export function drawOrder(points: Float32Array, ranks: Float32Array): DrawOrder {
  const dropped: number[] = [];
  const picked: number[] = [];
  for (let row = 0; row < ranks.length; row++)
    if (!Number.isNaN(points[2 * row]!)) (ranks[row]! < 0 ? dropped : picked).push(row);
  shuffle(dropped);
  shuffle(picked);
  return { rows: Int32Array.from([dropped, picked].flat()), dropped: dropped.length };
}

function shuffle(rows: number[]): void {
  let state = 1;
  for (let i = rows.length - 1; i > 0; i--) {
    // A linear congruence is even enough to look at, and always the same.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    const kept = rows[i]!;
    rows[i] = rows[j]!;
    rows[j] = kept;
  }
}

/** How much larger points are drawn than in a crowd: a few hundred of them would be lost in the window. */
export function magnified(points: number): number {
  return Math.min(2.5, Math.max(1, (CROWD / Math.max(1, points)) ** 0.15));
}

const CROWD = 100_000;

export interface Range {
  first: number;
  count: number;
}

/** What of both parts is drawn where so many points may be: as large a share of either. */
export function sampled({ rows, dropped }: DrawOrder, most: number): { dropped: Range; picked: Range } {
  const share = Math.min(1, most / Math.max(1, rows.length));
  return {
    dropped: { first: 0, count: Math.floor(dropped * share) },
    picked: { first: dropped, count: Math.floor((rows.length - dropped) * share) },
  };
}
