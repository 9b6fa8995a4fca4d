/**
 * Loops over matrices [dim, dim], flattened, each in a function of its own: within a long one they are compiled late.
 */

/** Adds values to a sum. */
export function accumulate(into: Float64Array, values: Float32Array | Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += values[i]!;
}

/** Divides, and gives the sum of the squares. */
export function divide(values: Float32Array | Float64Array, by: number, into: Float64Array): number {
  let square = 0;
  for (let i = 0; i < into.length; i++) {
    const value = values[i]! / by;
    into[i] = value;
    square += value * value;
  }
  return square;
}

/** ‖(1/s)Σ_S ṽl̃ᵀ − δ_v δ_lᵀ − C_V‖_F */
export function distance(
  sum: Float64Array,
  s: number,
  imageDrift: Float64Array,
  textDrift: Float64Array,
  full: Float64Array,
): number {
  const dim = imageDrift.length;
  let square = 0;
  for (let i = 0, at = 0; i < dim; i++) {
    const drift = imageDrift[i]!;
    for (let j = 0; j < dim; j++, at++) {
      const value = sum[at]! / s - drift * textDrift[j]! - full[at]!;
      square += value * value;
    }
  }
  return Math.sqrt(square);
}
