import type { RowFilePart } from '../embeddings/rowFiles.js';
import type { Device } from '../engine/device.js';
import type { Weights } from '../protocol/selection.js';
import type { FoundClasses, PassSetup, SetShare } from '../evaluation/classPass.js';
import type { DirectionSetup, DirectionTask, FoundDirections } from '../evaluation/directions.js';
import type { ClassRange } from '../evaluation/subsetPass.js';
import type { WholeSums } from '../selection/exactSums.js';
import type { ClassOrder, ClassTask } from '../selection/greedy.js';
import type { MeasuredBlock } from '../selection/objective.js';
import type { LeastProducts, TableTerms } from '../selection/tableTerms.js';
import type { TermContext } from '../selection/terms.js';

/** A table as threads share it: the files of its rows, and arrays in shared memory that they fill. */
export interface SharedTable {
  rows: number;
  dim: number;
  half: boolean;
  images: RowFilePart[];
  texts: RowFilePart[];
  imageScale: Float64Array;
  textScale: Float64Array;
}

export interface RowSetup {
  table: SharedTable;
  /** Bytes that the rows of one class may take in the memory of one thread. */
  classBytes: number;
}

/** What a thread is asked to do with rows; arrays are in shared memory where more than one task uses them. */
export type RowTask =
  /** From now on `classify` means these classes. */
  | { kind: 'classes'; device: Device; classes: Float64Array; classCount: number; labels: Int32Array }
  /** 1/norm of every row of a block, its checksums, and where asked for its labels; adds its pairs to the class sums. */
  | { kind: 'read'; first: number; count: number; classify: boolean; excluded: Uint8Array | null }
  /** Adds some rows to the class sums, each in the class of its nearest. */
  | { kind: 'nearest'; rows: Int32Array }
  /** From now on `terms` means these. */
  | {
      kind: 'context';
      context: TermContext;
      labels: Int32Array;
      weights: Weights;
      into: Omit<TableTerms, keyof LeastProducts> | null;
    }
  | { kind: 'terms'; first: number; count: number }
  /** The class sums of all that this thread has added since the last time. */
  | { kind: 'takeSums' }
  /** Terms and CLIP scores of some rows, which are added to the class sums. */
  | { kind: 'measure'; rows: Int32Array }
  | { kind: 'greedy'; task: ClassTask; bound: Float64Array }
  /** Copies a block of the table into arrays in shared memory. */
  | { kind: 'copy'; first: number; count: number; into: HeldRows }
  /** From now on the rows are those in shared memory. */
  | { kind: 'hold'; rows: HeldRows; classBytes: number }
  /** From now on `measureClasses` and `addShare` mean this pass; null ends it. */
  | { kind: 'pass'; setup: PassSetup | null; device: Device }
  | ({ kind: 'measureClasses' } & ClassRange)
  | ({ kind: 'addShare' } & SetShare)
  /** From now on `measureDirections` means these; null ends it. */
  | { kind: 'directions'; setup: DirectionSetup | null; device: Device }
  | { kind: 'measureDirections'; task: DirectionTask };

/** All rows as they are stored, in shared memory. */
export interface HeldRows {
  images: Uint16Array | Float32Array;
  texts: Uint16Array | Float32Array;
}

export interface ReadBlock {
  /** CRC-32 of the values as they are stored, of each 512 rows: images and texts in turn. */
  checksums: Uint32Array;
}

export type RowAnswer =
  ReadBlock | WholeSums | LeastProducts | MeasuredBlock | ClassOrder | FoundClasses | FoundDirections | null;
