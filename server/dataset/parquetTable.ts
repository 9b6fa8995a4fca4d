import { join } from 'node:path';
import { USUAL_COLUMNS } from './columns.js';
import { NUMBERED_PARQUET } from './database.js';
import { rowSelect, type Incoming } from './incoming.js';
import { parquetColumns, unreadable } from './parquetColumns.js';

/**
 * Adds the rows of Parquet files, paths relative to the root, in their order: DuckDB reads them itself, and of images
 * that lie in a file only their place is noted, `FILE/ROW`.
 */
export async function loadParquet(
  root: string,
  files: string[],
  into: Incoming,
  wanted = USUAL_COLUMNS,
): Promise<void> {
  let first = 0;
  for (const file of files) {
    const path = join(root, file);
    const columns = await parquetColumns(into.database, path, wanted);
    const image = columns.inside ? `$3 || '/' || file_row_number` : columns.image;
    const rows = `(SELECT file_row_number AS row, ${image} AS image, ${columns.caption} AS caption,
      ${columns.uid ?? 'NULL'} AS uid FROM ${NUMBERED_PARQUET})`;
    await into.database
      .run(`INSERT INTO incoming ${rowSelect(rows, `$3 || ':' || row`, '$2 + row')}`, [
        path,
        BigInt(first),
        file,
      ])
      .catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
    first = await into.counted();
  }
}
