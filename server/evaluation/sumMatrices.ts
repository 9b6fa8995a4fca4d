import type { KernelMemory } from '../kernels/kernels.js';
import type { AboutClass } from './moments.js';

export type Values = Float64Array<ArrayBuffer>;

/**
 * The matrices [dim, dim] that a pass over classes works with, in the memory of its kernels: for every set of every large
 * class they are gone through, and a loop in JavaScript takes as long as the product before it.
 */
export class SumMatrices {
  /** Where a product of float32 is put. */
  readonly outer: Float32Array<ArrayBuffer>;
  /** Σ of the products before the last one, where there are any. */
  private readonly sum: Values;
  /** What the sum is made of. */
  private inSum = false;
  private inOuter = false;
  /** Σ of sums since `startClass` or `startPrefix`. */
  private readonly prefix: Values;
  /** C of all pairs of the class, zero until it is known. */
  private readonly full: Values;
  /** a, b, c, d, rows and columns of the kernel. */
  private readonly vectors: Values;

  constructor(
    private readonly memory: KernelMemory,
    private readonly dim: number,
  ) {
    this.outer = memory.float32(dim * dim);
    const matrix = (): Values => memory.float64(dim * dim);
    [this.sum, this.prefix, this.full] = [matrix(), matrix(), matrix()];
    this.vectors = memory.float64(6 * dim);
  }

  static bytesNeeded(dim: number): number {
    return (4 + 3 * 8) * dim * dim + 6 * 8 * dim + 5 * 16;
  }

  /** A sum of nothing. */
  clear(): void {
    this.inSum = this.inOuter = false;
  }

  /** sum += outer */
  addOuter(): void {
    this.inOuter = true;
  }

  /** Before `outer` is written anew. */
  settle(): void {
    if (!this.inOuter) return;
    if (!this.inSum) this.sum.fill(0);
    this.memory.addFloats(this.sum.byteOffset, this.outer.byteOffset, this.sum.length);
    [this.inSum, this.inOuter] = [true, false];
  }

  /** target += sum, of which `whole` leaves whole multiples of a step. */
  addTo(target: Values, whole: number): void {
    this.settle();
    this.memory.addRounded(target.byteOffset, this.sum.byteOffset, whole, target.length);
  }

  /** Before the sums of a class; the first of them is that of all pairs. */
  startClass(): void {
    this.prefix.fill(0);
    this.full.fill(0);
  }

  /** C_V = prefix / n, the sum of all pairs having been added; its ‖C_V‖. */
  setFull(n: number): number {
    const { full, prefix, memory } = this;
    full.set(prefix);
    return Math.sqrt(memory.scaleAndSquare(full.byteOffset, 1 / n, full.length));
  }

  startPrefix(): void {
    this.prefix.fill(0);
  }

  /**
   * prefix += sum, which is about the means of a class; target += the sum about the origin, of which `whole` leaves whole
   * multiples of a step; ‖prefix/s − δ_v δ_lᵀ − C_V‖ then.
   */
  addPrefix(
    target: Values,
    whole: number,
    { count, images, texts, imageMean, textMean }: AboutClass,
    s: number,
    drifts: readonly [image: Float64Array, text: Float64Array],
  ): number {
    const { memory, dim, vectors, prefix, full } = this;
    if (this.inSum) this.settle();
    // Σ (ṽ + a)(l̃ + b)ᵀ = Σ ṽl̃ᵀ + (Σṽ)·bᵀ + a·(Σl̃ + n·b)ᵀ
    [images, textMean, imageMean, texts, ...drifts].forEach((own, i) => vectors.set(own, i * dim));
    for (let j = 0, at = 3 * dim; j < dim; j++, at++) vectors[at]! += count * textMean[j]!;
    const square = memory.addPrefix(
      !this.inSum,
      (this.inSum ? this.sum : this.outer).byteOffset,
      prefix.byteOffset,
      target.byteOffset,
      full.byteOffset,
      vectors.byteOffset,
      whole,
      1 / s,
      dim,
    );
    return Math.sqrt(square);
  }
}
