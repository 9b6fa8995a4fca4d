import type { EmbeddingTable } from '../rows/pairBlock.js';
import { widenHalf } from '../rows/float16.js';
import { areHalf, gatherStored, readStored } from '../rows/storedRows.js';
import { KernelMemory, type RowKernels } from './kernels.js';

/** Inner products of a pair with the vectors of its class, of unit rows. */
export interface PairProducts {
  /** ⟨v,Σl⟩ + ⟨l,Σv⟩ */
  cross: number;
  /** ⟨v,other classes' texts⟩ + ⟨l,other classes' images⟩ */
  inter: number;
  /** ⟨v,Σv⟩ */
  imageOwn: number;
  /** ⟨l,Σl⟩ */
  textOwn: number;
  /** ⟨v,l⟩ */
  self: number;
  /** ⟨l,t⟩ */
  label: number;
}

/** How the sum of picked pairs has drifted from as many times the class mean: δ = Σ_S x − |S|·x̄ of both sides. */
export interface Drift {
  /** ⟨v̄,δ_l⟩ + ⟨l̄,δ_v⟩ */
  offset: number;
  /** ‖δ_v‖ */
  image: number;
  /** ‖δ_l‖ */
  text: number;
}

/** The vectors of a class, each [dim] in float64. */
export interface ClassVectors {
  imageSum: Float64Array;
  textSum: Float64Array;
  otherImages: Float64Array;
  otherTexts: Float64Array;
  /** t_k, or null for a class without a name. */
  text: Float64Array | null;
}

/**
 * Some rows of a table in kernel memory, as they are stored, meeting class sums: what the terms and the greedy compute
 * with. Pairs are numbered as they were loaded. Holds the vectors of one class and one picked set at a time.
 */
export class PairRows {
  /** Pairs loaded. */
  count = 0;
  readonly dim: number;
  readonly memory: KernelMemory;
  readonly kernels: RowKernels;
  readonly images: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  readonly texts: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  readonly imageScale: Float64Array;
  readonly textScale: Float64Array;
  /** The running sums Σv and Σl; copy them to keep them. */
  readonly sums: { images: Float64Array; texts: Float64Array };
  private readonly vectors: Float64Array;
  private readonly out: Float64Array;
  private readonly rowBytes: number;
  /** Where things start in the memory, in bytes: asking an array each time costs as much as a short product. */
  private readonly at: {
    images: number;
    texts: number;
    sumImages: number;
    sumTexts: number;
    vectors: number;
    out: number;
  };

  /** `extraBytes`: what the caller will allocate in the same memory. */
  constructor(
    readonly table: EmbeddingTable,
    readonly capacity: number,
    extraBytes = 0,
  ) {
    const { dim } = table;
    this.dim = dim;
    const half = areHalf(table.images) && areHalf(table.texts);
    this.rowBytes = dim * (half ? 2 : 4);
    this.memory = new KernelMemory(capacity * 2 * this.rowBytes + 7 * dim * 8 + 4096 + extraBytes);
    this.kernels = this.memory.kernels(half);
    const side = () => (half ? this.memory.uint16(capacity * dim) : this.memory.float32(capacity * dim));
    this.images = side();
    this.texts = side();
    this.imageScale = new Float64Array(capacity);
    this.textScale = new Float64Array(capacity);
    this.vectors = this.memory.float64(5 * dim);
    const sums = this.memory.float64(2 * dim);
    this.sums = { images: sums.subarray(0, dim), texts: sums.subarray(dim) };
    this.out = this.memory.float64(8);
    this.at = {
      images: this.images.byteOffset,
      texts: this.texts.byteOffset,
      sumImages: this.sums.images.byteOffset,
      sumTexts: this.sums.texts.byteOffset,
      vectors: this.vectors.byteOffset,
      out: this.out.byteOffset,
    };
  }

  /** Loads the given rows, in their order. */
  load(rows: ArrayLike<number>): void {
    const { table, dim } = this;
    this.count = rows.length;
    const size = rows.length * dim;
    gatherStored(table.images, rows, this.images.subarray(0, size), dim);
    gatherStored(table.texts, rows, this.texts.subarray(0, size), dim);
    for (let i = 0; i < rows.length; i++) {
      this.imageScale[i] = table.imageScale[rows[i]!]!;
      this.textScale[i] = table.textScale[rows[i]!]!;
    }
  }

  /** Loads consecutive rows, behind the first `kept` of those loaded before. */
  loadRange(first: number, count: number, kept = 0): void {
    const { table, dim } = this;
    this.count = kept + count;
    for (const side of ['images', 'texts'] as const) {
      readStored(table[side], first, count, this[side], kept, dim);
    }
    this.imageScale.set(table.imageScale.subarray(first, first + count), kept);
    this.textScale.set(table.textScale.subarray(first, first + count), kept);
  }

  /** Where the image row of pair `i` starts, in bytes of the memory. */
  image(i: number): number {
    return this.at.images + i * this.rowBytes;
  }

  text(i: number): number {
    return this.at.texts + i * this.rowBytes;
  }

  /** Copies the image of pair `i` in float32. */
  copyImage(i: number, target: Float32Array, to: number): void {
    const { dim } = this;
    const row = this.images.subarray(i * dim, (i + 1) * dim);
    if (row instanceof Uint16Array) widenHalf(row, 0, target, to, dim);
    else target.set(row, to);
  }

  setClass({ imageSum, textSum, otherImages, otherTexts, text }: ClassVectors): void {
    const { dim, vectors } = this;
    vectors.set(imageSum);
    vectors.set(textSum, dim);
    vectors.set(otherImages, 2 * dim);
    vectors.set(otherTexts, 3 * dim);
    if (text) vectors.set(text, 4 * dim);
    else vectors.fill(0, 4 * dim);
  }

  /** The products of pair `i` with the class set last; written into `target`. */
  products(i: number, target: PairProducts): void {
    const { out, at } = this;
    this.kernels.pairProducts(this.image(i), this.text(i), at.vectors, this.dim, at.out);
    const v = this.imageScale[i]!;
    const l = this.textScale[i]!;
    target.cross = v * out[0]! + l * out[1]!;
    target.inter = v * out[2]! + l * out[3]!;
    target.imageOwn = v * out[4]!;
    target.textOwn = l * out[5]!;
    target.self = v * l * out[6]!;
    target.label = l * out[7]!;
  }

  /** Sets v̄ and l̄ of the class, which `drift` measures from. */
  setMeans(imageMean: Float64Array, textMean: Float64Array): void {
    this.vectors.set(imageMean);
    this.vectors.set(textMean, this.dim);
  }

  /** How the running sums of `picked` pairs lie to as many times the means set last. */
  drift(picked: number, target: Drift): void {
    const { at, out } = this;
    this.memory.drift(at.sumImages, at.vectors, picked, this.dim, at.out);
    target.offset = out[0]!;
    target.image = Math.sqrt(out[1]!);
    target.text = Math.sqrt(out[2]!);
  }

  /** Empties the running sums Σv and Σl. */
  clearSums(): void {
    this.sums.images.fill(0);
    this.sums.texts.fill(0);
  }

  /** Adds pair `i` to the running sums. */
  addToSums(i: number): void {
    const { kernels, dim, at } = this;
    kernels.addScaled(at.sumImages, this.image(i), this.imageScale[i]!, dim);
    kernels.addScaled(at.sumTexts, this.text(i), this.textScale[i]!, dim);
  }

  /** ⟨v,Σl⟩ + ⟨l,Σv⟩ of pair `i` with the running sums: Σ_j c(i, j). */
  similarityToSums(i: number): number {
    const { kernels, dim, at } = this;
    return (
      this.imageScale[i]! * kernels.dot(this.image(i), at.sumTexts, dim) +
      this.textScale[i]! * kernels.dot(this.text(i), at.sumImages, dim)
    );
  }

  /** ⟨v_i, l_j⟩; i = j gives self, the CLIP score. */
  similarity(i: number, j: number): number {
    const product = this.kernels.dotRows(this.image(i), this.text(j), this.dim);
    return this.imageScale[i]! * this.textScale[j]! * product;
  }
}
