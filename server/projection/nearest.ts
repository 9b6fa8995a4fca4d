import type { Products } from '../selection/products.js';

/** The nearest reference rows of some rows, nearest first. */
export interface Nearest {
  /** [rows, k] */
  indices: Int32Array;
  distances: Float64Array;
}

/** Finds nearest rows among fixed ones, [count, dim]: every distance is looked at, by products of whole blocks. */
export class NearestRows {
  /** ‖r‖² of each reference. */
  private readonly squares: Float64Array;

  constructor(
    private readonly references: Float32Array,
    private readonly dim: number,
    private readonly products: Pick<Products, 'cross'>,
  ) {
    this.squares = squares(references, dim);
  }

  /** Of two that are equally far, the one with the smaller number comes first. */
  async find(rows: Float32Array, k: number): Promise<Nearest> {
    const { dim, references } = this;
    const found = await this.products.cross(rows, references);
    const count = references.length / dim;
    const own = squares(rows, dim);
    const indices = new Int32Array(own.length * k);
    const distances = new Float64Array(own.length * k);
    for (let i = 0; i < own.length; i++) {
      const kept = distances.subarray(i * k, (i + 1) * k).fill(Infinity);
      const names = indices.subarray(i * k, (i + 1) * k).fill(-1);
      const at = i * count;
      for (let j = 0; j < count; j++) {
        const square = this.squares[j]! - 2 * found[at + j]!;
        if (square >= kept[k - 1]!) continue;
        let place = k - 1;
        for (; place > 0 && kept[place - 1]! > square; place--) {
          kept[place] = kept[place - 1]!;
          names[place] = names[place - 1]!;
        }
        kept[place] = square;
        names[place] = j;
      }
      for (let p = 0; p < k; p++) kept[p] = Math.sqrt(Math.max(0, kept[p]! + own[i]!));
    }
    return { indices, distances };
  }
}

function squares(rows: Float32Array, dim: number): Float64Array {
  const found = new Float64Array(rows.length / dim);
  for (let i = 0; i < found.length; i++) {
    let sum = 0;
    for (let p = i * dim; p < (i + 1) * dim; p++) sum += rows[p]! * rows[p]!;
    found[i] = sum;
  }
  return found;
}
