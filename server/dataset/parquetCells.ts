import { Database, NUMBERED_PARQUET } from './database.js';
import { imageCellColumn } from './parquetColumns.js';

/** Path of an image inside a Parquet file as it stands in a dataset: `data/train-00000.parquet/17`, rows from 0. */
export interface CellPath {
  table: string;
  row: number;
}

/** The parts of such a path, or null for the path of a plain file. */
export function cellPath(image: string): CellPath | null {
  const found = /^(.+?\.parquet)\/(\d{1,12})$/i.exec(image);
  return found && { table: found[1]!, row: Number(found[2]) };
}

/** Code of the error of a row without an image, such as one that img2dataset could not fetch. */
export const EMPTY_CELL = 'EMPTY';

/** Rows read at once: they are asked for together, and a query costs more than the bytes of a row. */
const BLOCK_ROWS = 256;
const KEPT = 3;
const blocks = new Map<string, Promise<Map<number, Buffer | null>>>();
let database: Promise<Database> | null = null;

/** The bytes of one image; blocks of neighbours are kept for the next ones. */
export async function readCell(
  file: { path: string; size: number; mtimeNs: bigint },
  { row }: CellPath,
): Promise<Buffer> {
  const first = row - (row % BLOCK_ROWS);
  const key = `${first} ${file.size} ${file.mtimeNs} ${file.path}`;
  let block = blocks.get(key);
  if (block) blocks.delete(key);
  else block = readBlock(file.path, first);
  blocks.set(key, block);
  if (blocks.size > KEPT) blocks.delete(blocks.keys().next().value!);
  const bytes = (await block).get(row);
  if (!bytes) throw Object.assign(new Error('the cell holds no image'), { code: EMPTY_CELL });
  return bytes;
}

async function readBlock(file: string, first: number): Promise<Map<number, Buffer | null>> {
  const open = await (database ??= Database.open());
  const column = await imageCellColumn(open, file);
  if (column === null) return new Map();
  const rows = await open.all<{ row: number; bytes: Buffer | null }>(
    `SELECT file_row_number AS row, ${column} AS bytes FROM ${NUMBERED_PARQUET}
     WHERE file_row_number >= $2 AND file_row_number < $3`,
    [file, BigInt(first), BigInt(first + BLOCK_ROWS)],
  );
  return new Map(rows.map(({ row, bytes }) => [row, bytes]));
}
