import type { KernelMemory } from '../kernels/kernels.js';
import { addMatrix, locked, type MomentArea } from './momentArea.js';
import type { SumMatrices } from './sumMatrices.js';

/** What matrices that are held may take in the memory of one thread. */
const HELD_BYTES = 64 * 2 ** 20;

/**
 * What one thread adds to an area, held back until its end: memory that others see is gone through several times as slowly as
 * the memory of kernels, and each set gets something from every large class. Matrices beyond the first ones are not held.
 */
export class MomentShare {
  private readonly matrices: Float64Array<ArrayBuffer>[];
  /** Σ (v − o) and Σ (l − o) of each set, one behind the other. */
  private readonly vectors: Float64Array[];

  constructor(
    private readonly area: MomentArea,
    memory: KernelMemory,
  ) {
    const { dim, sets } = area;
    this.matrices = Array.from({ length: heldSets(area) }, () => memory.float64(dim * dim));
    this.vectors = sets.map(() => new Float64Array(2 * dim));
  }

  /** Of the kernels' memory. */
  static bytesNeeded(area: MomentArea): number {
    return heldSets(area) * (8 * area.dim ** 2 + 16);
  }

  /** As `addMatrix`. */
  addMatrix(set: number, matrices: SumMatrices): void {
    const held = this.matrices[set];
    if (held) matrices.addInto(held, this.area.whole);
    else addMatrix(this.area, set, matrices);
  }

  /** Adds Σ (v − o) and Σ (l − o) of some pairs of a set. */
  addVectors(set: number, images: Float64Array, texts: Float64Array): void {
    const { dim, whole } = this.area;
    const target = this.vectors[set]!;
    for (let j = 0; j < dim; j++) {
      target[j]! += images[j]! + whole - whole;
      target[dim + j]! += texts[j]! + whole - whole;
    }
  }

  /** Adds what is held to the area. */
  end(): void {
    const { area, matrices, vectors } = this;
    const { dim } = area;
    for (const [set, own] of vectors.entries())
      locked(area, set, (target) => {
        addAt(target, 0, matrices[set]);
        addAt(target, dim * dim, own);
      });
  }
}

/** Adds numbers from a place on, and leaves zeros where they were. */
function addAt(target: Float64Array, from: number, values: Float64Array = new Float64Array(0)): void {
  for (let i = 0; i < values.length; i++) target[from + i]! += values[i]!;
  values.fill(0);
}

function heldSets({ dim, sets }: MomentArea): number {
  return Math.min(sets.length, Math.floor(HELD_BYTES / (8 * dim ** 2)));
}
