import type { Products } from '../selection/products.js';
import type { ClassRows } from './classRows.js';
import type { PickedClass } from './pickedClass.js';
import {
  boundsBytes,
  boundsMemory,
  RepeatBounds,
  rightAt,
  type BoundsMemory,
  type LeftBounds,
  type RightBounds,
} from './repeatBounds.js';
import { REPEATED } from './repeats.js';
import { repeatCountOf } from './smallClass.js';

/** Pairs that meet as many of those kept before them in one product. */
const BLOCK_ROWS = 512;
/** Bounds that leave more than this share of the pairs open cost more than they save. */
const OPEN = 1 / 8;

/** Products of a block, what is added to them, and the columns that are found in a row; in the memory of the kernels. */
export interface RepeatMemory {
  values: Float32Array<ArrayBuffer>;
  /** The same memory. */
  sums: Int32Array<ArrayBuffer>;
  rests: Float32Array<ArrayBuffer>;
  offsets: Float32Array<ArrayBuffer>;
  columns: Int32Array<ArrayBuffer>;
  bounds: BoundsMemory;
}

export function repeatBytes(dim: number): number {
  return 4 * BLOCK_ROWS * (BLOCK_ROWS + 3) + 4 * 16 + boundsBytes(dim, BLOCK_ROWS);
}

export function repeatMemory(rows: ClassRows): RepeatMemory {
  const { memory } = rows.pairs;
  const values = memory.float32(BLOCK_ROWS ** 2);
  return {
    values,
    sums: new Int32Array(values.buffer, values.byteOffset, values.length),
    rests: memory.float32(BLOCK_ROWS),
    offsets: memory.float32(BLOCK_ROWS),
    columns: memory.int32(BLOCK_ROWS),
    bounds: boundsMemory(rows, BLOCK_ROWS),
  };
}

/**
 * Counts the repeats of a class whose pairs are in memory, into `repeats`, a block of pairs against all that were kept
 * before. Bounds from products in bytes over a third of the width decide most pairs of them; what they leave open is
 * computed in float64. Where they decide too little, whole products do.
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
  const bounds = new RepeatBounds(picked, rows, work.bounds);
  /** Of each block: those that some set keeps. */
  const kept: { pairs: Int32Array; right: RightBounds | null }[] = [];
  let bounded = true;
  const cosine = (i: number, j: number): number =>
    pairs.imageScale[i]! * pairs.imageScale[j]! * kernels.dotRows(pairs.image(i), pairs.image(j), dim);
  const { order } = count;
  for (let first = 0; first < order.length; first += BLOCK_ROWS) {
    const block = order.subarray(first, first + BLOCK_ROWS);
    // For each pair of the block, those before it that it repeats: kept ones, or of the block itself.
    const near: number[][] = Array.from(block, () => []);
    const { left, right } = bounded ? bounds.of(block) : { left: null, right: null };
    const meet = async (others: Int32Array, theirs: RightBounds | null, own: boolean): Promise<void> => {
      await checkpoint();
      if (bounded && left && theirs) {
        await products.crossInBytes(left.bytes, theirs.bytes, bounds.width, work.sums);
        const open = openPlaces(rows, work, bounds.unit, left, theirs, own);
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
    for (const earlier of kept) await meet(earlier.pairs, earlier.right, false);
    await meet(block, right, true);
    const places: number[] = [];
    for (const [i, pair] of block.entries()) {
      for (const earlier of near[i]!) count.repeats(earlier);
      if (count.settle(pair, repeats)) places.push(i);
    }
    if (places.length === 0) continue;
    kept.push({
      pairs: Int32Array.from(places, (place) => block[place]!),
      right: right && rightAt(right, places),
    });
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

/** The places [i, j] whose bounds are above 0, from their products [rows, columns]; with `earlier` those with j < i only. */
function openPlaces(
  { pairs: { memory } }: ClassRows,
  { sums, rests, offsets, columns: found }: RepeatMemory,
  unit: number,
  left: LeftBounds,
  right: RightBounds,
  earlier: boolean,
): number[] {
  rests.set(right.rests);
  offsets.set(right.offsets);
  const columns = right.rests.length;
  return placesOf(left.rests.length, columns, earlier, found, (i, count) =>
    memory.boundsAbove(
      sums.byteOffset + 4 * i * columns,
      unit,
      left.rests[i]!,
      rests.byteOffset,
      offsets.byteOffset,
      count,
      -left.offsets[i]!,
      found.byteOffset,
    ),
  );
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
  return placesOf(rows, columns, earlier, found, (i, count) =>
    memory.above(values.byteOffset + 4 * i * columns, count, limit, found.byteOffset),
  );
}

/** What is found in each row, of as many of its columns as are asked for. */
function placesOf(
  rows: number,
  columns: number,
  earlier: boolean,
  found: Int32Array,
  findIn: (row: number, count: number) => number,
): number[] {
  const places: number[] = [];
  for (let i = 0; i < rows; i++) {
    const count = findIn(i, earlier ? i : columns);
    for (let f = 0; f < count; f++) places.push(i, found[f]!);
  }
  return places;
}
