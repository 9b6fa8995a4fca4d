/** Halvings of the interval that holds the shift; float64 has no more digits. */
const HALVINGS = 64;

/** Moves `values` in place to the nearest point of {0 ≤ s_i ≤ cap, Σ s_i = 1}; there must be at least 1/cap values. */
export function projectOnCappedSimplex(values: Float64Array, cap: number): void {
  // The projection shifts all by one number and clips: the sum falls as the shift grows, so it is found by halving.
  let least = Infinity;
  let greatest = -Infinity;
  for (const value of values) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  let low = least - cap;
  let high = greatest;
  for (let i = 0; i < HALVINGS; i++) {
    const shift = (low + high) / 2;
    let sum = 0;
    for (let e = 0; e < values.length; e++) sum += Math.min(cap, Math.max(0, values[e]! - shift));
    if (sum > 1) low = shift;
    else high = shift;
  }
  const shift = (low + high) / 2;
  for (let e = 0; e < values.length; e++) values[e] = Math.min(cap, Math.max(0, values[e]! - shift));
}
