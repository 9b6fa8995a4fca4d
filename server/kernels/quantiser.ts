import type { PairRows } from './pairRows.js';

/** Images in eight-bit steps, and what the rounding lost. */
export interface QuantisedImages {
  /** 128 + round(steps · (v − centre)), [images, dim]; valid until the next call. */
  rows: Uint8Array;
  /** ‖x − x̂‖ of x = v − centre and the x̂ that the steps stand for, not less than it is. */
  lost: Float64Array;
  /** ‖x̂‖, likewise. */
  kept: Float64Array;
}

/** Rounds unit images less a centre [dim] to eight-bit steps. Takes its space in the memory of the pairs. */
export class Quantiser {
  private readonly rows: Uint8Array;
  private readonly centre: Float32Array;
  private readonly out: Float32Array;

  constructor(
    private readonly pairs: PairRows,
    centre: Float64Array,
    private readonly steps: number,
    capacity: number,
  ) {
    this.rows = pairs.memory.uint8(capacity * pairs.dim);
    this.centre = pairs.memory.float32(pairs.dim);
    this.out = pairs.memory.float32(2);
    this.centre.set(centre);
  }

  quantise(positions: Int32Array): QuantisedImages {
    const { pairs, rows, out, steps } = this;
    const { dim, kernels } = pairs;
    const [target, centre, found] = [rows.byteOffset, this.centre.byteOffset, out.byteOffset];
    const lost = new Float64Array(positions.length);
    const kept = new Float64Array(positions.length);
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      const scale = pairs.imageScale[position]!;
      kernels.quantise(pairs.image(position), centre, scale, steps, target + i * dim, dim, found);
      // The kernel sums in float32.
      lost[i] = Math.sqrt(out[0]!) * (1 + 1e-4);
      kept[i] = Math.sqrt(out[1]!) * (1 + 1e-4);
    }
    return { rows: rows.subarray(0, positions.length * dim), lost, kept };
  }
}
