import type { KernelMemory } from '../kernels/kernels.js';
import type { Products } from '../selection/products.js';
import type { ClassRows } from './classRows.js';
import type { PickedClass, PickedOrder } from './pickedClass.js';
import { REPEATED, RepeatCount } from './repeats.js';
import type { SetSums } from './setSums.js';

/** Up to so many pairs, products of all with all cost less than a [dim, dim] matrix for each set. */
export const GRAM_ROWS = 1024;
const BLOCK_ROWS = 256;

/** ⟨x_i, x_j⟩ for j ≤ i, in blocks of rows: those of a block lie behind one another, as many as the block has columns. */
type Triangle = { values: Float32Array; columns: number }[];

/** Rows of a class minus their mean, by their products with each other and with some lines. */
interface ClassGram {
  images: Triangle;
  texts: Triangle;
  /** Products with the drift of each set, [sets, size]; the first line of images is μ_v. They are in the last block too. */
  imageLines: Float32Array;
  textLines: Float32Array;
}

/** Memory for the products of one class, in that of the kernels; used again for the next. */
export interface GramMemory {
  images: Float32Array;
  texts: Float32Array;
  /** ⟨ṽ_i, ṽ_j⟩⟨l̃_i, l̃_j⟩ of one i, and their sum; summed over i by j. */
  both: Float64Array;
  sum: Float64Array;
  byRow: Float64Array;
  places: Int32Array;
}

/** Of one side, for classes of up to `pairs` pairs and lines of so many sets. */
function triangleLength(pairs: number, sets: number): number {
  let length = sets * pairs;
  for (let first = 0; first < pairs; first += BLOCK_ROWS)
    length += BLOCK_ROWS * Math.min(pairs, first + BLOCK_ROWS);
  return length;
}

/** What `gramMemory` takes for classes of up to `pairs` pairs. */
export function gramBytes(pairs: number, sets: number): number {
  const most = Math.min(GRAM_ROWS, pairs);
  return 2 * 4 * triangleLength(most, sets) + (2 * 8 + 4) * most + 8 + 6 * 16;
}

export function gramMemory(memory: KernelMemory, pairs: number, sets: number): GramMemory {
  const most = Math.min(GRAM_ROWS, pairs);
  const triangle = triangleLength(most, sets);
  return {
    images: memory.float32(triangle),
    texts: memory.float32(triangle),
    both: memory.float64(most),
    sum: memory.float64(1),
    byRow: memory.float64(most),
    places: memory.int32(most),
  };
}

/**
 * ‖C_S − C_V‖ / ‖C_V‖ of every set, and repeats added to `repeats`, without a [dim, dim] matrix; the class is in the chunk of
 * `rows`, minus its means. ⟨C_A, C_B⟩ is a mean of ⟨ṽ_i, ṽ_j⟩⟨l̃_i, l̃_j⟩; C_S = (1/s)Σ_S ṽl̃ᵀ − δ_v δ_lᵀ.
 */
export async function measureSmallClass(
  picked: PickedClass,
  sums: SetSums,
  rows: ClassRows,
  products: Products,
  memory: GramMemory,
  repeats: Int32Array,
): Promise<Float64Array> {
  const gram = await gramOf(picked, sums, rows, products, memory);
  const near: number[][] = Array.from({ length: picked.size }, () => []);
  const errors = errorsByGram(picked, gram, rows.pairs.memory, memory, near);
  const count = repeatCountOf(picked);
  for (const pair of count.order) {
    // Those behind it are not kept yet, and count for nothing.
    for (const other of near[pair]!) count.repeats(other);
    count.settle(pair, repeats);
  }
  return errors;
}

async function gramOf(
  { size, counts, imageMean }: PickedClass,
  sums: SetSums,
  rows: ClassRows,
  products: Products,
  memory: GramMemory,
): Promise<ClassGram> {
  const { dim } = rows.pairs;
  const sets = counts.length;
  // The lines lie behind the rows, and go into the last of their products: a product of theirs alone would take as long as one of
  // ten times as many.
  for (let set = 0; set < sets; set++) {
    const [image, text] = sums.driftsOf(set);
    rows.images.set(set === 0 ? imageMean : image, (size + set) * dim);
    rows.texts.set(text, (size + set) * dim);
  }
  const triangle = async (
    side: Float32Array,
    into: Float32Array,
  ): Promise<[Triangle, lines: Float32Array]> => {
    const blocks: Triangle = [];
    for (let first = 0, at = 0; ; first += BLOCK_ROWS) {
      const columns = Math.min(size, first + BLOCK_ROWS);
      const isLast = columns === size;
      const own = side.subarray(first * dim, (columns + (isLast ? sets : 0)) * dim);
      const values = into.subarray(at, (at += (own.length / dim) * columns));
      blocks.push({
        values: await products.cross(own, side.subarray(0, columns * dim), dim, values),
        columns,
      });
      if (isLast) return [blocks, values.subarray((size - first) * size)];
    }
  };
  const [images, imageLines] = await triangle(rows.images, memory.images);
  const [texts, textLines] = await triangle(rows.texts, memory.texts);
  return { images, texts, imageLines, textLines };
}

/** ⟨x_i, x_j⟩ for j ≤ i: the block that has them, and where in it they start. */
function rowOf(triangle: Triangle, i: number): { values: Float32Array; from: number } {
  const { values, columns } = triangle[Math.floor(i / BLOCK_ROWS)]!;
  return { values, from: (i % BLOCK_ROWS) * columns };
}

/** The errors, and into `near` of each pair the others whose images are alike to its own. */
function errorsByGram(
  picked: PickedClass,
  gram: ClassGram,
  kernels: KernelMemory,
  work: GramMemory,
  near: number[][],
): Float64Array {
  const { size: n, orders, counts, imageMean, imageDistances, textDistances } = picked;
  const { imageLines, textLines } = gram;
  // Of each order and pair: the first prefix that holds it, behind all prefixes where none does.
  const levels = orders.map(({ fresh, prefixes }) => {
    const level = new Uint8Array(n).fill(prefixes);
    fresh.forEach((pairs, s) => {
      for (const pair of pairs) level[pair] = s;
    });
    return level;
  });
  const taken = orders.map(() => new Int32Array(n));
  const takenCount = new Int32Array(orders.length);
  const within = orders.map(({ prefixes }) => new Float64Array(prefixes + 1));
  const { both, places } = work;
  const byRow = work.byRow.subarray(0, n).fill(0);
  const square = imageMean.reduce((sum, x) => sum + x * x, 0);
  for (let i = 0; i < n; i++) {
    const v = rowOf(gram.images, i);
    const l = rowOf(gram.texts, i);
    // ⟨v_i, v_j⟩ = ⟨ṽ_i, ṽ_j⟩ + ⟨ṽ_i, μ⟩ + ⟨ṽ_j, μ⟩ + ‖μ‖²
    const least = REPEATED - imageLines[i]! - square;
    const found = kernels.meetRow(
      v.values.byteOffset + 4 * v.from,
      l.values.byteOffset + 4 * l.from,
      imageLines.byteOffset,
      least,
      i,
      both.byteOffset,
      byRow.byteOffset,
      work.sum.byteOffset,
      places.byteOffset,
    );
    for (let f = 0; f < found; f++) {
      near[i]!.push(places[f]!);
      near[places[f]!]!.push(i);
    }
    const sum = work.sum[0]!;
    const own = v.values[v.from + i]! * l.values[l.from + i]!;
    byRow[i]! += sum + own;
    for (let o = 0; o < orders.length; o++) {
      const level = levels[o]!;
      const mine = level[i]!;
      if (mine === orders[o]!.prefixes) continue;
      const [earlier, count, into] = [taken[o]!, takenCount[o]!, within[o]!];
      for (let a = 0; a < count; a++) {
        const j = earlier[a]!;
        into[level[j]! > mine ? level[j]! : mine]! += 2 * both[j]!;
      }
      into[mine]! += own;
      earlier[count] = i;
      takenCount[o]!++;
    }
  }
  const whole = byRow.reduce((sum, value) => sum + value, 0);
  const errors = new Float64Array(counts.length);
  const measure = ({ firstSet, prefixes, fresh }: PickedOrder, o: number): void => {
    let [among, towardsAll] = [0, 0];
    for (let p = 0; p < prefixes; p++) {
      const set = firstSet + p;
      const s = counts[set]!;
      among += within[o]![p]!;
      for (const pair of fresh[p]!) towardsAll += byRow[pair]!;
      if (s === 0) errors[set] = 1;
      if (s === 0 || s === n || whole <= 0) continue;
      const line = set * n;
      let [drifts, mine] = [0, 0];
      for (let j = 0; j < n; j++) drifts += imageLines[line + j]! * textLines[line + j]!;
      for (let q = 0; q <= p; q++)
        for (const pair of fresh[q]!) mine += imageLines[line + pair]! * textLines[line + pair]!;
      const own = among / s ** 2 - (2 * mine) / s + (imageDistances[set]! * textDistances[set]!) ** 2;
      const cross = towardsAll / (s * n) - drifts / n;
      const full = whole / n ** 2;
      errors[set] = Math.sqrt(Math.max(0, own - 2 * cross + full) / full);
    }
  };
  orders.forEach(measure);
  return errors;
}

/** Ready to count: every set with its pairs. */
export function repeatCountOf({ size, scores, orders, counts }: PickedClass): RepeatCount {
  const count = new RepeatCount(scores, counts.length);
  for (let pair = 0; pair < size; pair++) count.include(pair, 0);
  for (const { firstSet, prefixes, fresh } of orders)
    fresh.forEach((pairs, s) => {
      for (const pair of pairs)
        for (let set = firstSet + s; set < firstSet + prefixes; set++) count.include(pair, set);
    });
  return count;
}
