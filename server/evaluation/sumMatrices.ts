import type { KernelMemory } from '../kernels/kernels.js';

type Values = Float64Array<ArrayBuffer>;

/**
 * The matrices [dim, dim] that a pass over classes works with, in the memory of its kernels: for every set of every large
 * class each is gone through once, and a loop in JavaScript takes as long as the product before it.
 */
export class SumMatrices {
  /** Where a product of float32 is put. */
  readonly outer: Float32Array<ArrayBuffer>;
  /** Σ of products since `clear`. */
  readonly sum: Values;
  /** Σ of sums since `startPrefix`. */
  private readonly prefix: Values;
  /** C of all pairs of the class. */
  private readonly full: Values;
  /** What is added to memory that others see. */
  private readonly copy: Values;
  private readonly vectors: readonly [Values, Values, Values, Values];

  constructor(
    private readonly memory: KernelMemory,
    private readonly dim: number,
  ) {
    const matrix = (): Values => memory.float64(dim * dim);
    const vector = (): Values => memory.float64(dim);
    this.outer = memory.float32(dim * dim);
    [this.sum, this.prefix, this.full, this.copy] = [matrix(), matrix(), matrix(), matrix()];
    this.vectors = [vector(), vector(), vector(), vector()];
  }

  static bytesNeeded(dim: number): number {
    return (4 + 4 * 8) * dim * dim + 4 * 8 * dim + 9 * 16;
  }

  clear(): void {
    this.sum.fill(0);
  }

  /** sum += outer */
  addOuter(): void {
    this.memory.addFloats(this.sum.byteOffset, this.outer.byteOffset, this.sum.length);
  }

  /** sum += a·bᵀ + c·dᵀ */
  addTwoProducts(...given: [a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array]): void {
    given.forEach((values, i) => this.vectors[i]!.set(values));
    const [a, b, c, d] = this.vectors;
    this.memory.addTwoProducts(
      this.sum.byteOffset,
      a.byteOffset,
      b.byteOffset,
      c.byteOffset,
      d.byteOffset,
      this.dim,
    );
  }

  /** target += sum, of which `whole` leaves whole multiples of a step. */
  addTo(target: Float64Array, whole: number): void {
    const { copy } = this;
    copy.set(target);
    this.addInto(copy, whole);
    target.set(copy);
  }

  /** The same of a matrix in the memory of the kernels. */
  addInto(target: Values, whole: number): void {
    this.memory.addRounded(target.byteOffset, this.sum.byteOffset, whole, target.length);
  }

  /** C_V = sum / n; its ‖C_V‖. */
  setFull(n: number): number {
    const { full, sum } = this;
    full.set(sum);
    return Math.sqrt(this.memory.scaleAndSquare(full.byteOffset, 1 / n, full.length));
  }

  startPrefix(): void {
    this.prefix.fill(0);
  }

  /** prefix += sum */
  addToPrefix(): void {
    this.memory.addRounded(this.prefix.byteOffset, this.sum.byteOffset, 0, this.prefix.length);
  }

  /** ‖prefix/s − δ_v δ_lᵀ − C_V‖ */
  distance(s: number, imageDrift: Float64Array, textDrift: Float64Array): number {
    const { prefix, full } = this;
    const [rows, columns] = this.vectors;
    rows.set(imageDrift);
    columns.set(textDrift);
    const square = this.memory.squaredDistance(
      prefix.byteOffset,
      1 / s,
      rows.byteOffset,
      columns.byteOffset,
      full.byteOffset,
      this.dim,
    );
    return Math.sqrt(square);
  }
}
