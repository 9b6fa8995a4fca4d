import type { Products } from '../selection/products.js';
import type { ClassRows } from './classRows.js';
import type { PickedClass } from './pickedClass.js';
import { EPSILON, REPEATED } from './repeats.js';
import { repeatCountOf } from './smallClass.js';

/** Pairs that meet those kept before them in one product. */
const BLOCK_ROWS = 512;
const KEPT_ROWS = 1024;
/** Of the coordinates, the share that a bound is taken of. */
const SHARE = 5 / 16;
/** Above float32's rounding of a bound. */
const MARGIN = 1e-5;
/** Bounds that leave more than this share of the pairs open cost more than they save. */
const OPEN = 1 / 16;

/** Products of a block, and the columns that are found in a row of them; in the memory of the kernels. */
export interface RepeatMemory {
  values: Float32Array<ArrayBuffer>;
  columns: Int32Array<ArrayBuffer>;
}

export const REPEAT_BYTES = 4 * BLOCK_ROWS * KEPT_ROWS + 4 * KEPT_ROWS + 2 * 16;

export function repeatMemory({ pairs: { memory } }: ClassRows): RepeatMemory {
  return { values: memory.float32(BLOCK_ROWS * KEPT_ROWS), columns: memory.int32(KEPT_ROWS) };
}

/**
 * Counts the repeats of a class whose pairs are in memory, into `repeats`, a block of pairs against all that were kept
 * before. A cosine is at most what it is over some coordinates plus the lengths of the rest, so a product of a third of the
 * width decides most pairs; what it leaves open is computed in float64. Where it decides too little, whole products do.
 */
export async function countLargeRepeats(
  picked: PickedClass,
  rows: ClassRows,
  products: Products,
  checkpoint: () => Promise<void>,
  work: RepeatMemory,
  repeats: Int32Array,
): Promise<void> {
  const { pairs } = rows;
  const { dim, kernels } = pairs;
  const count = repeatCountOf(picked);
  const bounds = new Bounds(picked, rows);
  const kept: number[] = [];
  const keptBounds = new Float32Array(picked.size * bounds.width);
  let bounded = bounds.width < dim;
  const cosine = (i: number, j: number): number =>
    pairs.imageScale[i]! * pairs.imageScale[j]! * kernels.dotRows(pairs.image(i), pairs.image(j), dim);
  const { order } = count;
  for (let first = 0; first < order.length; first += BLOCK_ROWS) {
    const block = order.subarray(first, first + BLOCK_ROWS);
    // For each pair of the block, those before it that it repeats: kept ones, or of the block itself.
    const near: number[][] = Array.from(block, () => []);
    const [left, right] = bounded ? bounds.sides(block) : [null, null];
    const meet = async (
      others: ArrayLike<number>,
      theirs: Float32Array | null,
      own: boolean,
    ): Promise<void> => {
      await checkpoint();
      if (left && theirs) {
        await products.cross(left, theirs, bounds.width, work.values);
        const open = above(rows, work, block.length, others.length, own, -MARGIN);
        if (open.length <= 2 * OPEN * block.length * others.length) {
          for (let at = 0; at < open.length; at += 2) {
            const [i, j] = [open[at]!, others[open[at + 1]!]!];
            if (cosine(block[i]!, j) > REPEATED) near[i]!.push(j);
          }
          return;
        }
        bounded = false;
      }
      await wholeCosines(picked, rows, block, others, products, work.values);
      const found = above(rows, work, block.length, others.length, own, REPEATED);
      for (let at = 0; at < found.length; at += 2) near[found[at]!]!.push(others[found[at + 1]!]!);
    };
    for (let other = 0; other < kept.length; other += KEPT_ROWS) {
      const others = kept.slice(other, other + KEPT_ROWS);
      const from = other * bounds.width;
      await meet(others, keptBounds.subarray(from, from + others.length * bounds.width), false);
    }
    await meet(block, right, true);
    for (const [i, pair] of block.entries()) {
      for (const earlier of near[i]!) count.repeats(earlier);
      if (!count.settle(pair, repeats)) continue;
      if (right) {
        const own = right.subarray(i * bounds.width, (i + 1) * bounds.width);
        keptBounds.set(own, kept.length * bounds.width);
      }
      kept.push(pair);
    }
  }
}

/** Cosines of images in float32. */
async function wholeCosines(
  { imageMean, towardsMean }: PickedClass,
  rows: ClassRows,
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  products: Products,
  into: Float32Array,
): Promise<void> {
  const { dim } = rows.pairs;
  const square = imageMean.reduce((sum, x) => sum + x * x, 0);
  for (let i = 0; i < left.length; i++) rows.centreImage(left[i]!, rows.images, i);
  for (let j = 0; j < right.length; j++) rows.centreImage(right[j]!, rows.texts, j);
  const [images, others] = [
    rows.images.subarray(0, left.length * dim),
    rows.texts.subarray(0, right.length * dim),
  ];
  await products.cross(images, others, dim, into);
  for (let i = 0, at = 0; i < left.length; i++)
    for (let j = 0; j < right.length; j++, at++)
      into[at]! += towardsMean[left[i]!]! + towardsMean[right[j]!]! - square;
}

/** The places [i, j] of what is above a limit in the values [rows, columns]; with `earlier` those with j < i only. */
function above(
  { pairs: { memory } }: ClassRows,
  { values, columns: found }: RepeatMemory,
  rows: number,
  columns: number,
  earlier: boolean,
  limit: number,
): number[] {
  const places: number[] = [];
  const [from, into] = [values.byteOffset, found.byteOffset];
  for (let i = 0; i < rows; i++) {
    const count = memory.above(from + 4 * i * columns, earlier ? i : columns, limit, into);
    for (let f = 0; f < count; f++) places.push(i, found[f]!);
  }
  return places;
}

/** Upper bounds of cosines over some coordinates, by Cauchy and Schwarz over the others: with μ the mean, ⟨v_i, v_j⟩ = ⟨ṽ_i, ṽ_j⟩ + ⟨ṽ_i, μ⟩ + ⟨ṽ_j, μ⟩ + ‖μ‖². */
class Bounds {
  /** Of a product that bounds. */
  readonly width: number;
  private readonly coordinates: Int32Array;
  private readonly square: number;

  constructor(
    private readonly picked: PickedClass,
    private readonly rows: ClassRows,
  ) {
    const { dim } = rows.pairs;
    this.square = picked.imageMean.reduce((sum, x) => sum + x * x, 0);
    this.coordinates = this.widest(Math.ceil((dim * SHARE) / 4) * 4);
    this.width = this.coordinates.length + 4;
  }

  /** Rows whose products are bounds of what a cosine has above 1 − ε: for the left side and for the right. */
  sides(pairs: Int32Array): [Float32Array, Float32Array] {
    const { coordinates, rows, picked, square, width } = this;
    const left = new Float32Array(pairs.length * width);
    const right = new Float32Array(pairs.length * width);
    const { images } = rows;
    for (let i = 0; i < pairs.length; i++) {
      rows.centreImage(pairs[i]!, images, 0);
      let at = i * width;
      let own = 0;
      for (let c = 0; c < coordinates.length; c++, at++) {
        const x = images[coordinates[c]!]!;
        left[at] = right[at] = x;
        own += x * x;
      }
      const towards = picked.towardsMean[pairs[i]!]!;
      // The length of the other coordinates, from that of ‖ṽ‖ of a unit row; the margin is for their rounding.
      left[at] = right[at] = Math.sqrt(Math.max(0, 1 - 2 * towards + square - own) + 1e-6);
      left[at + 1] = towards - (1 - EPSILON);
      right[at + 1] = 1;
      left[at + 2] = 1;
      right[at + 2] = towards - square;
    }
    return [left, right];
  }

  /** The coordinates that the rows differ most in, by the first of them. */
  private widest(count: number): Int32Array {
    const { rows, picked } = this;
    const { dim } = rows.pairs;
    const squares = new Float64Array(dim);
    for (let i = 0; i < Math.min(picked.size, KEPT_ROWS); i++) {
      rows.centreImage(i, rows.images, 0);
      for (let j = 0; j < dim; j++) squares[j]! += rows.images[j]! ** 2;
    }
    const order = Int32Array.from(squares.keys()).sort((a, b) => squares[b]! - squares[a]! || a - b);
    return order.slice(0, Math.min(dim, count)).sort();
  }
}
