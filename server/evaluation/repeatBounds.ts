import type { ClassRows } from './classRows.js';
import type { PickedClass } from './pickedClass.js';
import { EPSILON } from './repeats.js';

/** Of the coordinates, the share that a bound is taken of. */
const SHARE = 5 / 16;
/** Steps of the left side, of eight bits, and of the right side, of seven. */
const LEFT_STEPS = 127;
const RIGHT_STEPS = 63;
/** Rows by which coordinates are chosen. */
const SAMPLE_ROWS = 256;
/** Above float32's rounding of a bound, and of what it is made of. */
const MARGIN = 2e-5;

/** Rows that bounds are taken of; what is added to a product of two of them is of either. */
export interface LeftBounds {
  /** 128 + the steps of each coordinate, [rows, width]. */
  bytes: Uint8Array;
  rests: Float32Array;
  offsets: Float32Array;
}

export interface RightBounds {
  /** The steps, [width, rows]. */
  bytes: Int8Array;
  rests: Float32Array;
  offsets: Float32Array;
}

/** Where rows are rounded, in the memory of the kernels. */
export interface BoundsMemory {
  coordinates: Int32Array<ArrayBuffer>;
  left: Uint8Array<ArrayBuffer>;
  right: Int8Array<ArrayBuffer>;
  out: Float64Array<ArrayBuffer>;
}

/** How many coordinates bounds are taken of. */
function widthOf(dim: number): number {
  return Math.min(dim, Math.ceil((dim * SHARE) / 4) * 4);
}

/** What memory for blocks of up to `rows` rows takes. */
export function boundsBytes(dim: number, rows: number): number {
  return (2 * rows + 4) * widthOf(dim) + 3 * 8 + 4 * 16;
}

export function boundsMemory({ pairs: { dim, memory } }: ClassRows, rows: number): BoundsMemory {
  const width = widthOf(dim);
  return {
    coordinates: memory.int32(width),
    left: memory.uint8(rows * width),
    right: memory.int8(rows * width),
    out: memory.float64(3),
  };
}

/**
 * Upper bounds of cosines, from products of whole numbers over some coordinates: with μ the mean and ṽ = v − μ,
 * ⟨v_i, v_j⟩ = ⟨ṽ_i, ṽ_j⟩ + ⟨v_i, μ⟩ + ⟨v_j, μ⟩ − ‖μ‖². Of ⟨ṽ_i, ṽ_j⟩, the coordinates that are left out add no more than the
 * product of their lengths, and those that are rounded, x to x̂, no more than ‖x_i − x̂_i‖·‖x_j‖ + ‖x̂_i‖·‖x_j − x̂_j‖.
 */
export class RepeatBounds {
  readonly width: number;
  /** What a product of steps is worth. */
  readonly unit: number;
  private readonly square: number;
  /** No ṽ is longer. */
  private readonly longest: number;
  private readonly leftSteps: number;
  private readonly rightSteps: number;

  constructor(
    private readonly picked: PickedClass,
    private readonly rows: ClassRows,
    private readonly work: BoundsMemory,
  ) {
    const { imageMean, towardsMean } = picked;
    this.square = imageMean.reduce((sum, x) => sum + x * x, 0);
    this.longest = Math.sqrt(
      towardsMean.reduce((most, towards) => Math.max(most, this.lengthOf(towards)), 0),
    );
    const { order, largest } = this.sample();
    this.width = work.coordinates.length;
    work.coordinates.set(order.slice(0, this.width).sort());
    this.leftSteps = Math.fround(LEFT_STEPS / largest);
    this.rightSteps = Math.fround(RIGHT_STEPS / largest);
    this.unit = 1 / (this.leftSteps * this.rightSteps);
  }

  /**
   * The same pairs on either side: where a bound is above 0, a cosine may be above 1 − ε. What they take is valid until the
   * next call, but for the right side's.
   */
  of(pairs: Int32Array): { left: LeftBounds; right: RightBounds } {
    const { rows, picked, longest, square, width, leftSteps, rightSteps, work } = this;
    const { images } = rows;
    const { memory } = rows.pairs;
    const count = pairs.length;
    const [left, right, coordinates] = [work.left, work.right, work.coordinates].map((a) => a.byteOffset);
    const [rests, leftOffsets, rightOffsets] = Array.from({ length: 3 }, () => new Float32Array(count));
    // What both sides have lost together is no more than half of the sum of their squares.
    const lost = (squares: number): number => Math.sqrt(squares) * longest + squares / 2;
    for (let i = 0; i < count; i++) {
      rows.centreImage(pairs[i]!, images, 0);
      const at = left! + i * width;
      const [from, out] = [images.byteOffset, work.out.byteOffset];
      memory.roundForBoth(from, coordinates!, width, leftSteps, rightSteps, at, right! + i, count, out);
      // By index: to take an array of a kernel apart takes as long as the row.
      const [own, leftLost, rightLost] = [work.out[0]!, work.out[1]!, work.out[2]!];
      const towards = picked.towardsMean[pairs[i]!]!;
      // The margin is for the rounding of the coordinates.
      rests![i] = Math.sqrt(Math.max(0, this.lengthOf(towards) - own) + 1e-6);
      leftOffsets![i] = towards - (1 - EPSILON) + lost(leftLost) + MARGIN;
      rightOffsets![i] = towards - square + lost(rightLost);
    }
    return {
      left: { bytes: work.left.subarray(0, count * width), rests: rests!, offsets: leftOffsets! },
      right: { bytes: work.right.slice(0, count * width), rests: rests!, offsets: rightOffsets! },
    };
  }

  /** ‖ṽ‖² of a unit row, by ⟨v, μ⟩. */
  private lengthOf(towards: number): number {
    return 1 - 2 * towards + this.square;
  }

  /** By the first rows: the coordinates, those that the rows differ most in first, and their largest number. */
  private sample(): { order: Int32Array; largest: number } {
    const { rows, picked } = this;
    const { dim } = rows.pairs;
    const squares = new Float64Array(dim);
    let largest = 1e-6;
    for (let i = 0; i < Math.min(picked.size, SAMPLE_ROWS); i++) {
      rows.centreImage(i, rows.images, 0);
      for (let j = 0; j < dim; j++) {
        const x = rows.images[j]!;
        squares[j]! += x * x;
        largest = Math.max(largest, Math.abs(x));
      }
    }
    const order = Int32Array.from(squares.keys()).sort((a, b) => squares[b]! - squares[a]! || a - b);
    return { order, largest };
  }
}

/** Those of the rows at some places. */
export function rightAt({ bytes, rests, offsets }: RightBounds, places: readonly number[]): RightBounds {
  const count = rests.length;
  const width = bytes.length / count;
  const kept = new Int8Array(width * places.length);
  for (let c = 0, at = 0; c < width; c++)
    for (let i = 0; i < places.length; i++, at++) kept[at] = bytes[c * count + places[i]!]!;
  const at = (values: Float32Array): Float32Array => Float32Array.from(places, (place) => values[place]!);
  return { bytes: kept, rests: at(rests), offsets: at(offsets) };
}
