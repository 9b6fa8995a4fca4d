import { PairRows } from '../kernels/pairRows.js';
import { areHalf } from '../rows/storedRows.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { SumMatrices } from './sumMatrices.js';

/** Rows of a product in float32: more of them would lose digits in its sums. */
export const CHUNK_ROWS = 2048;
/** Rows that are multiplied at once. */
export const PIECE_ROWS = 512;
/** What rows of classes may take in the memory of a thread, as they are stored. */
const RESIDENT_BYTES = 64 * 2 ** 20;

/** How many pairs of a table may be open at once and all in memory, of so many bytes: no fewer than a chunk. */
export function residentRows({ dim, images, texts }: EmbeddingTable, bytes = RESIDENT_BYTES): number {
  const pair = 2 * dim * (areHalf(images) && areHalf(texts) ? 2 : 4);
  return Math.max(CHUNK_ROWS, Math.floor(bytes / pair));
}

/**
 * The pairs of one or more classes, numbered as they were opened, and room for a chunk of them minus the means of a class,
 * [rows, dim] of float32 on each side, as products take them. Pairs that do not all fit come as they are asked for.
 */
export class ClassRows {
  readonly pairs: PairRows;
  readonly images: Float32Array<ArrayBuffer>;
  readonly texts: Float32Array<ArrayBuffer>;
  private readonly imageMean: Float32Array<ArrayBuffer>;
  private readonly textMean: Float32Array<ArrayBuffer>;
  /** Where the rows of a product are, and their scales. */
  private readonly pieces: { rows: Int32Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> };
  readonly matrices: SumMatrices;
  private rows: Int32Array = new Int32Array(0);
  /** Whether all pairs that were opened are in memory. */
  resident = false;

  /**
   * `capacity` is how many pairs are in memory at most, a chunk if it is less, `extraBytes` what the caller takes of the same memory,
   * `room` how many rows products take, likewise.
   */
  constructor(
    readonly table: EmbeddingTable,
    capacity: number,
    extraBytes: number,
    room = CHUNK_ROWS,
  ) {
    const { dim } = table;
    const length = Math.max(room, CHUNK_ROWS) * dim;
    const chunk = 2 * 4 * length + 2 * 4 * dim + 8 * PIECE_ROWS + 96 + SumMatrices.bytesNeeded(dim);
    this.pairs = new PairRows(table, Math.max(capacity, CHUNK_ROWS), chunk + extraBytes);
    const { memory } = this.pairs;
    this.images = memory.float32(length);
    this.texts = memory.float32(length);
    this.imageMean = memory.float32(dim);
    this.textMean = memory.float32(dim);
    this.pieces = { rows: memory.int32(PIECE_ROWS), scales: memory.float32(PIECE_ROWS) };
    this.matrices = new SumMatrices(memory, dim);
  }

  open(rows: Int32Array): void {
    this.rows = rows;
    this.resident = rows.length <= this.pairs.capacity;
    if (this.resident) this.pairs.load(rows);
  }

  /** Where some of the pairs are in memory now, at most a chunk of them; those of the call before may be gone. */
  places(which: Int32Array): Int32Array {
    if (this.resident) return which;
    this.pairs.load(which.map((pair) => this.rows[pair]!));
    return which.map((_, i) => i);
  }

  /** What `centre` takes away. */
  setMeans(image: Float64Array, text: Float64Array): void {
    this.imageMean.set(image);
    this.textMean.set(text);
  }

  /** Writes the pair at a place, minus the means, into row `to` of the chunk. */
  centre(place: number, to: number): void {
    this.centreImage(place, this.images, to);
    const { pairs, texts } = this;
    const { dim, kernels } = pairs;
    const target = texts.byteOffset + 4 * to * dim;
    kernels.centre(pairs.text(place), pairs.textScale[place]!, this.textMean.byteOffset, target, dim);
  }

  /** The image alone, into one of the two sides of the chunk. */
  centreImage(place: number, side: Float32Array<ArrayBuffer>, to: number): void {
    const { pairs, imageMean } = this;
    const { dim, kernels } = pairs;
    const target = side.byteOffset + 4 * to * dim;
    kernels.centre(pairs.image(place), pairs.imageScale[place]!, imageMean.byteOffset, target, dim);
  }

  /**
   * Adds Σ ṽl̃ᵀ of pairs at some places, at most `PIECE_ROWS` of them, to `matrices.outer`, or writes it there. With the rows as
   * columns no product has to transpose them, and so many still lie in the cache when they are multiplied.
   */
  async product(places: Int32Array, isFirst: boolean, products: Products): Promise<void> {
    const { pairs, images, texts, imageMean, textMean, pieces } = this;
    const { dim, kernels } = pairs;
    const length = places.length;
    // What a kernel of four rows reads behind the last one it reads again.
    const stride = Math.ceil(length / 4) * 4;
    const columns = (
      row: (pair: number) => number,
      scales: Float64Array,
      mean: Float32Array,
      side: Float32Array,
    ): Float32Array => {
      for (let i = 0; i < stride; i++) {
        const place = places[Math.min(i, length - 1)]!;
        pieces.rows[i] = row(place);
        pieces.scales[i] = scales[place]!;
      }
      const [rows, of] = [pieces.rows.byteOffset, pieces.scales.byteOffset];
      kernels.centreColumns(rows, of, length, mean.byteOffset, side.byteOffset, stride, dim);
      return side.subarray(0, stride * dim);
    };
    const left = columns((place) => pairs.image(place), pairs.imageScale, imageMean, images);
    const right = columns((place) => pairs.text(place), pairs.textScale, textMean, texts);
    if (isFirst) await products.cross(left, right, stride, this.matrices.outer);
    else await products.addCross(left, right, stride, this.matrices.outer);
  }
}
