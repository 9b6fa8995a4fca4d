import { join } from 'node:path';
import { NUMBERED_PARQUET } from './database.js';
import type { Incoming } from './incoming.js';
import { parquetColumns } from './parquetColumns.js';
import { REASONS } from './pair.js';

/**
 * Adds the rows of Parquet files, paths relative to the root, in their order: DuckDB reads them itself, and of images
 * that lie in a file only their place is noted, `FILE/ROW`.
 */
export async function loadParquet(root: string, files: string[], into: Incoming): Promise<void> {
  let first = 0;
  for (const file of files) {
    const path = join(root, file);
    const columns = await parquetColumns(into.database, path);
    const image = columns.inside ? `$3 || '/' || file_row_number` : `trim(${columns.image})`;
    await into.database.run(
      `INSERT INTO incoming
       SELECT $2 + row, nullif(image, ''), caption, uid,
         CASE WHEN image IS NULL THEN $4 WHEN image = '' THEN $5
              WHEN caption IS NULL THEN $6 WHEN trim(caption, $8) = '' THEN $7 END AS reason,
         CASE WHEN reason IS NOT NULL THEN $3 || ':' || row END
       FROM (SELECT file_row_number AS row, ${image} AS image, ${columns.caption} AS caption,
                    ${columns.uid ?? 'NULL'} AS uid FROM ${NUMBERED_PARQUET})
       ORDER BY row`,
      [
        path,
        BigInt(first),
        file,
        REASONS.noImage,
        REASONS.emptyImage,
        REASONS.noCaption,
        REASONS.emptyCaption,
        ' \t\r\n',
      ],
    );
    first = await into.counted();
  }
}
