import type { EmbeddingTable } from '../embeddings/pairBlock.js';
import { KernelMemory } from './kernels.js';

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
 * The rows of one table meeting class sums: what the terms and the greedy compute with. A row is copied beside the
 * vectors, widened and used at once. Holds the vectors of one class and one picked set at a time.
 */
export class PairKernels {
  private static readonly byTable = new WeakMap<EmbeddingTable, PairKernels>();
  private readonly memory: KernelMemory;
  private readonly halfImage: Uint16Array;
  private readonly halfText: Uint16Array;
  private readonly image: Float32Array;
  private readonly text: Float32Array;
  private readonly vectors: Float64Array;
  private readonly sumImages: Float64Array;
  private readonly sumTexts: Float64Array;
  private readonly out: Float64Array;
  private loaded = -1;

  /** One instance a table: kernel memories are scarce. */
  static of(table: EmbeddingTable): PairKernels {
    const known = this.byTable.get(table) ?? new PairKernels(table);
    this.byTable.set(table, known);
    return known;
  }

  private constructor(private readonly table: EmbeddingTable) {
    const { dim } = table;
    this.memory = new KernelMemory(dim * (2 * 2 + 2 * 4 + 7 * 8) + 4096);
    this.halfImage = this.memory.uint16(dim);
    this.halfText = this.memory.uint16(dim);
    this.image = this.memory.float32(dim);
    this.text = this.memory.float32(dim);
    this.vectors = this.memory.float64(5 * dim);
    this.sumImages = this.memory.float64(dim);
    this.sumTexts = this.memory.float64(dim);
    this.out = this.memory.float64(8);
  }

  setClass({ imageSum, textSum, otherImages, otherTexts, text }: ClassVectors): void {
    const { dim } = this.table;
    [imageSum, textSum, otherImages, otherTexts].forEach((vector, i) => this.vectors.set(vector, i * dim));
    if (text) this.vectors.set(text, 4 * dim);
    else this.vectors.fill(0, 4 * dim);
  }

  /** The products of a row with the class set last; written into `target`. */
  products(row: number, target: PairProducts): void {
    this.load(row);
    const { out, image, text, vectors } = this;
    this.memory.run.pairProducts(
      image.byteOffset,
      text.byteOffset,
      vectors.byteOffset,
      this.table.dim,
      out.byteOffset,
    );
    const v = this.table.imageScale[row]!;
    const l = this.table.textScale[row]!;
    target.cross = v * out[0]! + l * out[1]!;
    target.inter = v * out[2]! + l * out[3]!;
    target.imageOwn = v * out[4]!;
    target.textOwn = l * out[5]!;
    target.self = v * l * out[6]!;
    target.label = l * out[7]!;
  }

  /** Empties the running sums Σv and Σl. */
  clearSums(): void {
    this.sumImages.fill(0);
    this.sumTexts.fill(0);
  }

  /** Adds a row to the running sums. */
  addToSums(row: number): void {
    this.load(row);
    const { dim, imageScale, textScale } = this.table;
    this.memory.run.addScaled(this.sumImages.byteOffset, this.image.byteOffset, imageScale[row]!, dim);
    this.memory.run.addScaled(this.sumTexts.byteOffset, this.text.byteOffset, textScale[row]!, dim);
  }

  /** ⟨v,Σl⟩ + ⟨l,Σv⟩ with the running sums: Σ_j c(row, j). */
  similarityToSums(row: number): number {
    this.load(row);
    const { dim, imageScale, textScale } = this.table;
    const { dot } = this.memory.run;
    return (
      imageScale[row]! * dot(this.image.byteOffset, this.sumTexts.byteOffset, dim) +
      textScale[row]! * dot(this.text.byteOffset, this.sumImages.byteOffset, dim)
    );
  }

  /** Copies of the running sums. */
  sums(): { images: Float64Array; texts: Float64Array } {
    return { images: this.sumImages.slice(), texts: this.sumTexts.slice() };
  }

  /** ⟨v_i, l_j⟩; i = j gives self, the CLIP score. */
  similarity(i: number, j: number): number {
    const { dim, imageScale, textScale, images, texts } = this.table;
    this.loaded = -1;
    this.widen(images, i, this.halfImage, this.image);
    this.widen(texts, j, this.halfText, this.text);
    const product = this.memory.run.dotRows(this.image.byteOffset, this.text.byteOffset, dim);
    return imageScale[i]! * textScale[j]! * product;
  }

  private load(row: number): void {
    if (row === this.loaded) return;
    this.loaded = row;
    this.widen(this.table.images, row, this.halfImage, this.image);
    this.widen(this.table.texts, row, this.halfText, this.text);
  }

  private widen(
    rows: EmbeddingTable['images'],
    row: number,
    staging: Uint16Array,
    target: Float32Array,
  ): void {
    const { dim, position } = this.table;
    const at = (position ? position[row]! : row) * dim;
    const stored = rows.subarray(at, at + dim);
    if (stored instanceof Float32Array) target.set(stored);
    else {
      staging.set(stored);
      this.memory.run.widen(staging.byteOffset, target.byteOffset, dim);
    }
  }
}
