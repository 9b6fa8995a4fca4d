import { closeSync, openSync, readSync } from 'node:fs';
import { ClipcovError } from '../errors.js';
import type { RowSource } from '../rows/storedRows.js';
import { readNpyRows, type NpyMatrix } from './npy.js';

/** One side of a part of a store: where its rows start. */
export interface RowFilePart {
  firstRow: number;
  matrix: NpyMatrix;
}

/** Rows that are wanted this close together are read in one piece: a call to the system costs as much as 30 rows. */
const NEAR_ROWS = 32;
const PIECE_ROWS = 1024;

/**
 * One side of a store, read row by row or piece by piece as it is asked for: a selection holds no more in memory than
 * it works on, and the system's page cache does the rest. float64 is rounded to float32; float16 is kept where all
 * parts have it. Not to be shared between threads; `parts` may be.
 */
export class RowFiles implements RowSource {
  readonly half: boolean;
  private readonly descriptors = new Map<string, number>();
  private piece: Uint16Array | Float32Array | null = null;

  constructor(
    readonly parts: readonly RowFilePart[],
    readonly dim: number,
    half?: boolean,
  ) {
    this.half = half ?? parts.every(({ matrix }) => matrix.type === 'f2');
  }

  /** Reads `count` rows from `first` on into `target`, from its row `to` on. */
  read(first: number, count: number, target: Uint16Array | Float32Array, to = 0): void {
    const { dim } = this;
    for (let done = 0; done < count;) {
      const part = this.partOf(first + done);
      const offset = first + done - part.firstRow;
      const rows = Math.min(count - done, part.matrix.rows - offset);
      const into = target.subarray((to + done) * dim, (to + done + rows) * dim);
      if (into instanceof Uint16Array || part.matrix.type === 'f4') this.readBytes(part.matrix, offset, into);
      else readNpyRows(part.matrix, offset, into);
      done += rows;
    }
  }

  /** Reads rows in the order given, ascending ones that lie close together in one piece. */
  gather(rows: ArrayLike<number>, target: Uint16Array | Float32Array): void {
    const { dim } = this;
    for (let i = 0; i < rows.length;) {
      const first = rows[i]!;
      let end = i + 1;
      while (
        end < rows.length &&
        rows[end]! > rows[end - 1]! &&
        rows[end]! - rows[end - 1]! <= NEAR_ROWS &&
        rows[end]! - first < PIECE_ROWS
      )
        end++;
      const span = rows[end - 1]! - first + 1;
      if (span === end - i) this.read(first, span, target, i);
      else {
        const piece = (this.piece ??= this.half
          ? new Uint16Array(PIECE_ROWS * dim)
          : new Float32Array(PIECE_ROWS * dim));
        this.read(first, span, piece);
        for (let j = i; j < end; j++) {
          const at = (rows[j]! - first) * dim;
          target.set(piece.subarray(at, at + dim), j * dim);
        }
      }
      i = end;
    }
  }

  close(): void {
    for (const descriptor of this.descriptors.values()) closeSync(descriptor);
    this.descriptors.clear();
  }

  private partOf(row: number): RowFilePart {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.parts[middle]!.firstRow <= row) low = middle;
      else high = middle - 1;
    }
    return this.parts[low]!;
  }

  private readBytes(matrix: NpyMatrix, first: number, target: Uint16Array | Float32Array): void {
    const start = matrix.dataOffset + first * this.dim * target.BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    for (let done = 0; done < bytes.length;) {
      const read = readSync(this.open(matrix.file), bytes, done, bytes.length - done, start + done);
      if (read === 0)
        throw new ClipcovError('npy-unreadable', 'The embedding file ends before its last row.', {
          where: matrix.file,
          fix: 'It changed while it was read. Restore it, or embed the dataset again.',
        });
      done += read;
    }
  }

  private open(file: string): number {
    let descriptor = this.descriptors.get(file);
    if (descriptor === undefined) {
      // A store may have thousands of parts; the system allows few open files.
      if (this.descriptors.size >= 64) this.close();
      descriptor = openSync(file, 'r');
      this.descriptors.set(file, descriptor);
    }
    return descriptor;
  }
}
