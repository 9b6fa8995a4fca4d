import type { EmbeddingTable } from './pairBlock.js';
import { areHalf, readStored, type StoredRows } from './storedRows.js';

/**
 * The table with its rows in memory where they take no more than the bytes given, else as it is. Worth it for whoever
 * picks rows one by one again and again: a row out of a file costs a call of the system, even where the file is cached.
 */
export function inMemory(table: EmbeddingTable, mostBytes: number): EmbeddingTable {
  const { rows, dim } = table;
  const bytesOf = (side: StoredRows): number => rows * dim * (areHalf(side) ? 2 : 4);
  if (bytesOf(table.images) + bytesOf(table.texts) > mostBytes) return table;
  const held = (side: StoredRows): StoredRows => {
    const values = areHalf(side) ? new Uint16Array(rows * dim) : new Float32Array(rows * dim);
    readStored(side, 0, rows, values, 0, dim);
    return values;
  };
  return { ...table, images: held(table.images), texts: held(table.texts) };
}
