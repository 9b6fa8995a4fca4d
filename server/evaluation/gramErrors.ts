import type { KernelMemory } from '../kernels/kernels.js';
import { rowAt, type ClassGram, type GramMemory } from './classGram.js';
import type { PickedClass, PickedOrder } from './pickedClass.js';
import { REPEATED } from './repeats.js';

/** What is added up of an order, pair after pair. */
interface OrderSums {
  order: PickedOrder;
  /** Of each pair the first prefix that holds it, as many as there are prefixes where none does. */
  levels: Uint8Array;
  /** The pairs so far that some prefix holds. */
  taken: Int32Array;
  count: number;
  /** Σ ⟨ṽ_i, ṽ_j⟩⟨l̃_i, l̃_j⟩ over pairs of which the later one is of a prefix. */
  within: Float64Array;
}

/**
 * The errors of a class by its Gram matrices, which are gone through a row at a time, and which of its pairs are alike. A row is
 * a call, and so is an order of it: what is called often is compiled well, long loops in a function that is called once are not.
 */
export class GramErrors {
  /** Of pairs, others whose images are alike to theirs. */
  readonly near: (number[] | undefined)[];
  private readonly orders: OrderSums[];
  private readonly byRow: Float64Array;
  /** ‖μ_v‖² */
  private readonly square: number;

  constructor(
    private readonly picked: PickedClass,
    private readonly gram: ClassGram,
    private readonly kernels: KernelMemory,
    private readonly work: GramMemory,
  ) {
    const { size, orders, imageMean } = picked;
    this.near = new Array<number[] | undefined>(size).fill(undefined);
    this.orders = orders.map((order) => ({
      order,
      levels: levelsOf(order, size),
      taken: new Int32Array(size),
      count: 0,
      within: new Float64Array(order.prefixes),
    }));
    this.byRow = work.byRow.subarray(0, size).fill(0);
    this.square = squareOf(imageMean);
  }

  /** Goes on with pair i and those before it. */
  meet(i: number): void {
    const { gram, work, byRow, orders } = this;
    const { both, places, sum } = work;
    const { images, texts, own } = rowAt(gram, i);
    // ⟨v_i, v_j⟩ = ⟨ṽ_i, ṽ_j⟩ + ⟨ṽ_i, μ⟩ + ⟨ṽ_j, μ⟩ + ‖μ‖²
    const least = REPEATED - gram.imageLines[i]! - this.square;
    const found = this.kernels.meetRow(
      images,
      texts,
      gram.imageLines.byteOffset,
      least,
      i,
      both.byteOffset,
      byRow.byteOffset,
      sum.byteOffset,
      places.byteOffset,
    );
    for (let f = 0; f < found; f++) {
      (this.near[i] ??= []).push(places[f]!);
      (this.near[places[f]!] ??= []).push(i);
    }
    byRow[i]! += sum[0]! + own;
    for (let o = 0; o < orders.length; o++) addWithin(orders[o]!, both, i, own);
  }

  /** ‖C_S − C_V‖ / ‖C_V‖ of every set, once all pairs have met. */
  errors(): Float64Array {
    const { byRow, picked, orders } = this;
    const errors = new Float64Array(picked.counts.length);
    let whole = 0;
    for (let i = 0; i < byRow.length; i++) whole += byRow[i]!;
    for (const { order, within } of orders) {
      let [among, towardsAll] = [0, 0];
      for (let p = 0; p < order.prefixes; p++) {
        among += within[p]!;
        towardsAll += sumAt(byRow, order.fresh[p]!);
        errors[order.firstSet + p] = this.error(order, p, among, towardsAll, whole);
      }
    }
    return errors;
  }

  private error(order: PickedOrder, p: number, among: number, towardsAll: number, whole: number): number {
    const { gram, picked } = this;
    const { size: n, counts, imageDistances, textDistances } = picked;
    const set = order.firstSet + p;
    const s = counts[set]!;
    if (s === 0) return 1;
    if (s === n || whole <= 0) return 0;
    const drifts = sumOfProducts(gram.imageLines, gram.textLines, set * n, n);
    let mine = 0;
    for (let q = 0; q <= p; q++)
      mine += sumOfProductsAt(gram.imageLines, gram.textLines, set * n, order.fresh[q]!);
    const own = among / s ** 2 - (2 * mine) / s + (imageDistances[set]! * textDistances[set]!) ** 2;
    const cross = towardsAll / (s * n) - drifts / n;
    const full = whole / n ** 2;
    return Math.sqrt(Math.max(0, own - 2 * cross + full) / full);
  }
}

/** Adds what a pair has with those of the order before it. */
function addWithin(sums: OrderSums, both: Float64Array, i: number, own: number): void {
  const { levels, taken, within, count } = sums;
  const mine = levels[i]!;
  if (mine === within.length) return;
  for (let a = 0; a < count; a++) {
    const j = taken[a]!;
    const level = levels[j]!;
    within[level > mine ? level : mine]! += 2 * both[j]!;
  }
  within[mine]! += own;
  taken[count] = i;
  sums.count = count + 1;
}

function levelsOf({ fresh, prefixes }: PickedOrder, size: number): Uint8Array {
  const levels = new Uint8Array(size).fill(prefixes);
  for (let p = 0; p < prefixes; p++) setAt(levels, fresh[p]!, p);
  return levels;
}

function setAt(values: Uint8Array, places: Int32Array, value: number): void {
  for (let i = 0; i < places.length; i++) values[places[i]!] = value;
}

function squareOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

function sumAt(values: Float64Array, places: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < places.length; i++) sum += values[places[i]!]!;
  return sum;
}

/** Σ a[i]·b[i] over `count` places from `from` on. */
function sumOfProducts(a: Float32Array, b: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let at = from; at < from + count; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** The same over some places behind `from`. */
function sumOfProductsAt(a: Float32Array, b: Float32Array, from: number, places: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < places.length; i++) sum += a[from + places[i]!]! * b[from + places[i]!]!;
  return sum;
}
