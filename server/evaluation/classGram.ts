import type { KernelMemory } from '../kernels/kernels.js';
import type { Products } from '../selection/products.js';
import type { ClassRows } from './classRows.js';
import type { PickedClass } from './pickedClass.js';
import type { SetSums } from './setSums.js';

/** Up to so many pairs, products of all with all cost less than a [dim, dim] matrix for each set. */
export const GRAM_ROWS = 1024;
const BLOCK_ROWS = 256;

/** ⟨x_i, x_j⟩ for j ≤ i, in blocks of rows: those of a block lie behind one another, as many as the block has columns. */
type Triangle = { values: Float32Array; columns: number }[];

/** Rows of a class minus their mean, by their products with each other and with some lines. */
export interface ClassGram {
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

/** The Gram matrices of a class that is in the chunk of `rows`, minus its means. */
export async function gramOf(
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

/** Where ⟨x_i, x_j⟩ for j ≤ i of images and texts start, in bytes, and ⟨ṽ_i, ṽ_i⟩⟨l̃_i, l̃_i⟩. */
export function rowAt(
  { images, texts }: ClassGram,
  i: number,
): { images: number; texts: number; own: number } {
  const block = Math.floor(i / BLOCK_ROWS);
  const { values, columns } = images[block]!;
  const others = texts[block]!.values;
  const from = (i % BLOCK_ROWS) * columns;
  return {
    images: values.byteOffset + 4 * from,
    texts: others.byteOffset + 4 * from,
    own: values[from + i]! * others[from + i]!,
  };
}
