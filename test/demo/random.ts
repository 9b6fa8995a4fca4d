/** Seeded randomness: the same seed and purpose give the same numbers on every machine. */

/** The next number of a sequence, uniform in [0, 1). */
export type Random = () => number;

/**
 * A sequence of its own for each purpose (`draw 17`), so that one more draw for one purpose, or another order of
 * the work, leaves every other sequence as it was.
 */
export function randomFor(seed: number, purpose: string): Random {
  let state = seed >>> 0;
  for (let i = 0; i < purpose.length; i += 1) state = mix((state ^ purpose.charCodeAt(i)) >>> 0);
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 2 ** 32;
  };
}

/** A bijection of 32-bit numbers in which every bit of the input moves about half of the output's. */
function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low);
}

/** An integer from `low` to `high`, both included. */
export function integer(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[integer(random, 0, items.length - 1)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** The items in a random order (Fisher–Yates), in a new array. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = integer(random, 0, i);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
