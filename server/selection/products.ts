/**
 * Products of blocks of rows, each [rows, dim], reduced to small outputs by whoever computes them: what methods and
 * measures need that compare pairs with pairs. Made by the engine, on the device of the run.
 */
export interface Products {
  /** leftᵀ · right, as [dim, dim]; both blocks have as many rows. */
  outer(left: Float32Array, right: Float32Array): Promise<Float32Array>;
  /**
   * max_j ⟨left_i, right_j⟩ of every left row; with `earlierOnly` (where left is right) over j < i, and below −1 for the
   * first row.
   */
  rowMaxima(left: Float32Array, right: Float32Array, earlierOnly: boolean): Promise<Float32Array>;
  /**
   * Every ⟨left_i, right_j⟩, [left rows, right rows]; `width` is that of the rows, where it is not the table's, `into` memory
   * for the products.
   */
  cross(left: Float32Array, right: Float32Array, width?: number, into?: Float32Array): Promise<Float32Array>;
  /** Adds every ⟨left_i, right_j⟩ to `into`, [left rows, right rows]. */
  addCross(left: Float32Array, right: Float32Array, width: number, into: Float32Array): Promise<void>;
  /**
   * Σ_c (left_ic − 128)·right_cj, [left rows, right columns]: rows of the left side are of `width` bytes, the right side is
   * transposed already, and its numbers are within ±63, so that no CPU's sums of 16 bits overflow.
   */
  crossInBytes(left: Uint8Array, right: Int8Array, width: number, into: Int32Array): Promise<void>;
  /** Every ⟨left_i, right_j⟩ in float64: nearly the same bits on any device. */
  crossInDouble(left: Float64Array, right: Float64Array, width?: number): Promise<Float64Array>;
  /** Σ_j max(0, ⟨left_i, right_j⟩) of every left row and Σ_i of every right row, in float64. */
  positiveSums(
    left: Float64Array,
    right: Float64Array,
  ): Promise<{ ofLeft: Float64Array; ofRight: Float64Array }>;
  /**
   * exp(scale·⟨left_i, right_j⟩) summed by left row and by right row: each sum is `exp(max)·sum`, with the largest
   * exponent taken out of it.
   */
  exponentialSums(
    left: Float32Array,
    right: Float32Array,
    scale: number,
  ): Promise<Record<'leftMax' | 'leftSum' | 'rightMax' | 'rightSum', Float32Array>>;
}
