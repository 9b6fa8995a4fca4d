import { join } from 'node:path';
import { ClipcovError } from '../errors.js';
import { Database } from './database.js';
import { parquetColumnNames } from './parquetColumns.js';
import type { Source } from './source.js';
import { tableColumnNames } from './table.js';

/** The names of the columns that a dataset has, in their order; refused where it has none. */
export async function columnNames(source: Source): Promise<string[]> {
  if (source.kind === 'table') return tableColumnNames(source.path);
  if (source.kind !== 'parquet')
    throw new ClipcovError('no-columns', 'Only a table has columns to choose from.', {
      where: source.root,
      fix: 'Leave out --image-column and --caption-column.',
    });
  const database = await Database.open();
  try {
    return await parquetColumnNames(database, join(source.root, source.files![0]!));
  } finally {
    database.close();
  }
}
