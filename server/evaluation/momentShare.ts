import type { KernelMemory } from '../kernels/kernels.js';
import { addMoments, addVectors, locked, type MomentArea } from './momentArea.js';
import type { SumMatrices } from './sumMatrices.js';

/** What matrices that are held may take in the memory of one thread. */
const HELD_BYTES = 64 * 2 ** 20;

/**
 * What one thread adds to an area, held back until its end: memory that others see is gone through several times as slowly as
 * the memory of kernels, and each set gets something from every piece of work. Sets beyond the first ones are not held.
 */
export class MomentShare {
  private readonly held: { matrix: Float64Array<ArrayBuffer>; vectors: Float64Array }[];

  constructor(
    private readonly area: MomentArea,
    memory: KernelMemory,
  ) {
    const { dim } = area;
    this.held = Array.from({ length: heldSets(area) }, () => ({
      matrix: memory.float64(dim * dim),
      vectors: new Float64Array(2 * dim),
    }));
  }

  /** Of the kernels' memory. */
  static bytesNeeded(area: MomentArea): number {
    return heldSets(area) * (8 * area.dim ** 2 + 16);
  }

  /** As `addMoments`. */
  add(set: number, matrices: SumMatrices, images: Float64Array, texts: Float64Array): void {
    const held = this.held[set];
    if (!held) return addMoments(this.area, set, matrices, images, texts);
    const { whole } = this.area;
    matrices.addInto(held.matrix, whole);
    addVectors(held.vectors, 0, images, texts, whole);
  }

  /** Adds what is held to the area. */
  end(): void {
    const { area, held } = this;
    held.forEach(({ matrix, vectors }, set) =>
      locked(area, set, (target) => {
        for (let i = 0; i < matrix.length; i++) target[i]! += matrix[i]!;
        for (let i = 0; i < vectors.length; i++) target[matrix.length + i]! += vectors[i]!;
        matrix.fill(0);
        vectors.fill(0);
      }),
    );
  }
}

function heldSets({ dim, sets }: MomentArea): number {
  return Math.min(sets.length, Math.floor(HELD_BYTES / (8 * dim ** 2)));
}
