import type { KernelMemory } from '../kernels/kernels.js';
import { locked, type MomentArea } from './momentArea.js';
import type { SumMatrices, Values } from './sumMatrices.js';

/** What matrices that are held may take in the memory of one thread. */
const HELD_BYTES = 64 * 2 ** 20;

/**
 * What one thread adds to an area, held back until its end: memory that others see is gone through several times as slowly as
 * the memory of kernels, and each set gets something from every large class. Matrices beyond the first ones are not held.
 */
export class MomentShare {
  private readonly matrices: Values[];
  /** What is added to a matrix that is not held, or that nobody asks for. */
  private readonly spare: Values;
  private readonly ownVectors: Values[];

  /** Nothing is added to the sets that are `left` out. */
  constructor(
    readonly area: MomentArea,
    private readonly left: readonly boolean[],
    memory: KernelMemory,
  ) {
    const { dim, sets } = area;
    const matrix = (): Values => memory.float64(dim * dim);
    this.matrices = Array.from({ length: heldSets(area) }, matrix);
    this.spare = matrix();
    this.ownVectors = sets.map(() => memory.float64(2 * dim).fill(0));
  }

  /** Of the kernels' memory. */
  static bytesNeeded(area: MomentArea): number {
    const { dim, sets } = area;
    return (heldSets(area) + 1) * (8 * dim ** 2 + 16) + sets.length * (8 * 2 * dim + 16);
  }

  /** Adds the sum of `matrices`, Σ (v − o)(l − o)ᵀ of some pairs of a set. */
  addMatrix(set: number, matrices: SumMatrices): void {
    this.addClass(set, (target, whole) => matrices.addTo(target, whole));
  }

  /** Lets a class add what it has of a set, whole multiples of a step; passes on what it says. */
  addClass<T>(set: number, add: (target: Values, whole: number) => T): T {
    const { area, left, spare } = this;
    const held = left[set] ? spare : this.matrices[set];
    if (held) return add(held, area.whole);
    spare.fill(0);
    const found = add(spare, area.whole);
    locked(area, set, (target) => addAt(target, 0, spare));
    return found;
  }

  /** Where Σ (v − o) and Σ (l − o) of a set are added, one behind the other, in whole multiples of a step. */
  vectors(set: number): Values {
    return this.ownVectors[set]!;
  }

  /** Adds what is held to the area. */
  end(): void {
    const { area, matrices, ownVectors, left } = this;
    const { dim } = area;
    for (const [set, own] of ownVectors.entries()) {
      if (left[set]) continue;
      locked(area, set, (target) => {
        addAt(target, 0, matrices[set]);
        addAt(target, dim * dim, own);
      });
    }
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
