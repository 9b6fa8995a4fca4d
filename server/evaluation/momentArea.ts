/**
 * Sums of second and first moments that several threads add to; plain data, its arrays in shared memory. Sums of whole multiples of
 * a step are exact, so they do not depend on which thread adds when.
 */
export interface MomentArea {
  dim: number;
  /** Added to a number and taken away again, it leaves a whole multiple of a step. */
  whole: number;
  /** Of each set of rows: Σ (v − o)(l − o)ᵀ, [dim, dim], then Σ (v − o) and Σ (l − o); o is the origin. */
  sets: Float64Array[];
  /** Of each set: 1 while a thread adds to it. */
  locks: Int32Array;
}

/** Room for sums over up to `pairs` pairs of unit rows. */
export function momentArea(dim: number, sets: number, pairs: number): MomentArea {
  const length = dim * dim + 2 * dim;
  // A shifted unit row is no longer than 2: no sum is beyond 4·pairs, which is 2⁵¹ steps at most.
  const step = 2 ** (Math.ceil(Math.log2(4 * Math.max(1, pairs))) - 50);
  return {
    dim,
    whole: 1.5 * 2 ** 52 * step,
    sets: Array.from({ length: sets }, () => new Float64Array(new SharedArrayBuffer(8 * length))),
    locks: new Int32Array(new SharedArrayBuffer(4 * Math.max(1, sets))),
  };
}

/** Gives a set to one thread at a time. */
export function locked({ sets, locks }: MomentArea, set: number, add: (target: Float64Array) => void): void {
  while (Atomics.compareExchange(locks, set, 0, 1) !== 0) Atomics.wait(locks, set, 1);
  try {
    add(sets[set]!);
  } finally {
    Atomics.store(locks, set, 0);
    Atomics.notify(locks, set, 1);
  }
}
