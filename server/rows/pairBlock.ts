import { halfToFloat } from './float16.js';
import { areHalf, gatherStored, type StoredRows } from './storedRows.js';

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

/** All pairs of a store; their rows are read where they are needed. */
export interface EmbeddingTable {
  rows: number;
  dim: number;
  images: StoredRows;
  texts: StoredRows;
  imageScale: Float64Array;
  textScale: Float64Array;
}

/** Copies the given rows of a table into a block of its own, in the order given. */
export function gatherRows(table: EmbeddingTable, rows: ArrayLike<number>): PairBlock {
  return new RowGatherer(table).gather(rows);
}

/** Gathers one block after another into the same memory: a block is valid until the next one. */
export class RowGatherer {
  private block: PairBlock;
  private half = new Uint16Array(0);

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
    this.widen(table.images, rows, block.images);
    this.widen(table.texts, rows, block.texts);
    for (let i = 0; i < count; i++) {
      block.imageScale[i] = table.imageScale[rows[i]!]!;
      block.textScale[i] = table.textScale[rows[i]!]!;
    }
    return block;
  }

  private widen(side: StoredRows, rows: ArrayLike<number>, target: Float32Array): void {
    const { dim } = this.table;
    if (!areHalf(side)) return gatherStored(side, rows, target, dim);
    if (this.half.length < target.length) this.half = new Uint16Array(target.length);
    const half = this.half.subarray(0, target.length);
    gatherStored(side, rows, half, dim);
    halfToFloat(half, target);
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
