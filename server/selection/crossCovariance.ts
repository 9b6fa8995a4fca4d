import { RowGatherer, type EmbeddingTable, type PairBlock } from '../embeddings/pairBlock.js';
import { KernelMemory } from '../kernels/kernels.js';

/**
 * Class sums of the unit rows: all that cross and inter need to know of the other pairs (method.md, "What makes it
 * fast", point 1). Sums are in float64, in the order in which rows are added, so they do not depend on threads.
 */
export interface ClassSums {
  classes: number;
  dim: number;
  /** n_k */
  counts: Int32Array;
  /** Σ_{i∈V_k} v_i, [classes, dim] */
  images: Float64Array;
  /** Σ_{i∈V_k} l_i, [classes, dim] */
  texts: Float64Array;
}

/** Adds rows to the sums of their classes, in the order in which they come. */
export class ClassSummer {
  private readonly memory: KernelMemory;
  private readonly image: Float32Array;
  private readonly text: Float32Array;
  private readonly sums: ClassSums;

  constructor(classes: number, dim: number) {
    this.memory = new KernelMemory(2 * classes * dim * 8 + 2 * dim * 4 + 64);
    this.image = this.memory.float32(dim);
    this.text = this.memory.float32(dim);
    this.sums = {
      classes,
      dim,
      counts: new Int32Array(classes),
      images: this.memory.float64(classes * dim),
      texts: this.memory.float64(classes * dim),
    };
  }

  /** Adds the rows of a block; a label below 0 leaves its row out. */
  add(block: PairBlock, labels: Int32Array): void {
    const { image, text, sums } = this;
    const { dim, images, texts } = sums;
    const { addScaled } = this.memory.run;
    for (let row = 0; row < block.rows; row++) {
      const k = labels[row]!;
      if (k < 0) continue;
      sums.counts[k]!++;
      image.set(block.images.subarray(row * dim, (row + 1) * dim));
      text.set(block.texts.subarray(row * dim, (row + 1) * dim));
      const at = 8 * k * dim;
      addScaled(images.byteOffset + at, image.byteOffset, block.imageScale[row]!, dim);
      addScaled(texts.byteOffset + at, text.byteOffset, block.textScale[row]!, dim);
    }
  }

  /** The sums so far, as a copy that outlives this. */
  result(): ClassSums {
    const { sums } = this;
    return {
      ...sums,
      counts: sums.counts.slice(),
      images: sums.images.slice(),
      texts: sums.texts.slice(),
    };
  }
}

const CHUNK_ROWS = 1024;

/** The class sums of the given rows of a table, added in their order. */
export async function sumClasses(
  table: EmbeddingTable,
  labels: Int32Array,
  classes: number,
  rows: Int32Array,
  checkpoint: (done: number) => Promise<void>,
): Promise<ClassSums> {
  const summer = new ClassSummer(classes, table.dim);
  const gatherer = new RowGatherer(table);
  for (let first = 0; first < rows.length; first += CHUNK_ROWS) {
    const chunk = rows.subarray(first, first + CHUNK_ROWS);
    summer.add(
      gatherer.gather(chunk),
      chunk.map((row) => labels[row]!),
    );
    await checkpoint(first + chunk.length);
  }
  return summer.result();
}

/**
 * Sums over the other live classes of their mean rows: Σ_{k'≠k, n_k'>0} μ_k', for every k. `inter` is an inner
 * product with these.
 */
export function otherClassMeans(sums: ClassSums, side: 'images' | 'texts'): Float64Array {
  const { classes, dim, counts } = sums;
  const total = new Float64Array(dim);
  const means = new Float64Array(classes * dim);
  for (let k = 0; k < classes; k++) {
    if (counts[k] === 0) continue;
    for (let j = 0; j < dim; j++) {
      means[k * dim + j] = sums[side][k * dim + j]! / counts[k]!;
      total[j]! += means[k * dim + j]!;
    }
  }
  for (let k = 0; k < classes; k++)
    for (let j = 0; j < dim; j++) means[k * dim + j] = total[j]! - means[k * dim + j]!;
  return means;
}
