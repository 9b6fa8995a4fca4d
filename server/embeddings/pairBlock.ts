import { widenHalf } from './float16.js';

/**
 * Embedded pairs as the mathematics sees them. Rows are kept as they were stored; the unit rows v_i and l_i of
 * method.md are `scale · row`, with the scale in float64. So no row is rounded by the normalisation, and a product of
 * two rows is exact up to float64.
 */
export interface PairBlock {
  rows: number;
  dim: number;
  /** [rows, dim] */
  images: Float32Array;
  /** [rows, dim] */
  texts: Float32Array;
  /** 1/‖row‖, or 0 for a row that cannot be used. */
  imageScale: Float64Array;
  textScale: Float64Array;
}

/** All pairs of a store; float16 is kept as bit patterns to halve the memory. */
export interface EmbeddingTable {
  rows: number;
  dim: number;
  images: Uint16Array | Float32Array;
  texts: Uint16Array | Float32Array;
  imageScale: Float64Array;
  textScale: Float64Array;
  /** Row → where it lies in `images` and `texts`, counted in rows; in order where absent. */
  position?: Int32Array;
}

/** Copies the given rows of a table into a block of its own, in the order given. */
export function gatherRows(table: EmbeddingTable, rows: ArrayLike<number>): PairBlock {
  return new RowGatherer(table).gather(rows);
}

/** Gathers one block after another into the same memory: a block is valid until the next one. */
export class RowGatherer {
  private block: PairBlock;

  constructor(private readonly table: EmbeddingTable) {
    this.block = emptyBlock(0, table.dim);
  }

  gather(rows: ArrayLike<number>): PairBlock {
    const { table } = this;
    const { dim } = table;
    const count = rows.length;
    if (this.block.rows < count) this.block = emptyBlock(count, dim);
    const block: PairBlock = {
      rows: count,
      dim,
      images: this.block.images.subarray(0, count * dim),
      texts: this.block.texts.subarray(0, count * dim),
      imageScale: this.block.imageScale.subarray(0, count),
      textScale: this.block.textScale.subarray(0, count),
    };
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const at = table.position ? table.position[row]! : row;
      copyRow(table.images, at, block.images, i, dim);
      copyRow(table.texts, at, block.texts, i, dim);
      block.imageScale[i] = table.imageScale[row]!;
      block.textScale[i] = table.textScale[row]!;
    }
    return block;
  }
}

function emptyBlock(rows: number, dim: number): PairBlock {
  return {
    rows,
    dim,
    images: new Float32Array(rows * dim),
    texts: new Float32Array(rows * dim),
    imageScale: new Float64Array(rows),
    textScale: new Float64Array(rows),
  };
}

function copyRow(
  source: Uint16Array | Float32Array,
  from: number,
  target: Float32Array,
  to: number,
  dim: number,
): void {
  if (source instanceof Uint16Array) widenHalf(source, from * dim, target, to * dim, dim);
  else for (let j = 0; j < dim; j++) target[to * dim + j] = source[from * dim + j]!;
}
