/** Rows that are read where they lie, as they are asked for; a store's files are such. */
export interface RowSource {
  /** Whether rows come as half-precision bit patterns. */
  readonly half: boolean;
  /** Reads `count` rows from `first` on into `target`, from its row `to` on. */
  read(first: number, count: number, target: Uint16Array | Float32Array, to?: number): void;
  /** Reads rows in the order given. */
  gather(rows: ArrayLike<number>, target: Uint16Array | Float32Array): void;
}

/** Rows of one side of a table: in memory (float16 as bit patterns), or read where they lie. */
export type StoredRows = Uint16Array | Float32Array | RowSource;

function isSource(rows: StoredRows): rows is RowSource {
  return 'gather' in rows;
}

/** Whether rows are kept as half-precision bit patterns. */
export function areHalf(rows: StoredRows): boolean {
  return isSource(rows) ? rows.half : rows instanceof Uint16Array;
}

/** Copies consecutive rows of width `dim` as they are stored, to row `to` of `target`. */
export function readStored(
  rows: StoredRows,
  first: number,
  count: number,
  target: Uint16Array | Float32Array,
  to: number,
  dim: number,
): void {
  if (isSource(rows)) rows.read(first, count, target, to);
  else target.set(rows.subarray(first * dim, (first + count) * dim), to * dim);
}

/** Copies the given rows, in their order, as they are stored. */
export function gatherStored(
  rows: StoredRows,
  which: ArrayLike<number>,
  target: Uint16Array | Float32Array,
  dim: number,
): void {
  if (isSource(rows)) rows.gather(which, target);
  else
    for (let i = 0; i < which.length; i++) {
      const at = which[i]! * dim;
      target.set(rows.subarray(at, at + dim), i * dim);
    }
}
