import { join } from 'node:path';
import { ClipcovError } from '../errors.js';
import { Database } from './database.js';
import { firstOf, notThere, wantedColumns, type TableColumns } from './columns.js';
import { parquetColumnNames, parquetColumns } from './parquetColumns.js';
import type { Source } from './source.js';
import { tableColumnNames } from './table.js';

/** The names of the columns of a dataset that may hold images or captions, in their order; refused where it has none. */
export async function columnNames(source: Source): Promise<string[]> {
  if (source.kind === 'table') return (await tableColumnNames(source.path)).filter((name) => name !== '');
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

/** Refuses a choice of columns that the dataset does not have, or that cannot be what they are chosen for. */
export async function checkColumns(source: Source, chosen: TableColumns): Promise<void> {
  const names = await columnNames(source);
  if (source.kind !== 'parquet') {
    if ([chosen.image, chosen.caption].some((name) => firstOf([name], names) === null))
      throw notThere(names, source.kind === 'store' ? source.root : source.path, chosen);
    return;
  }
  const database = await Database.open();
  try {
    await parquetColumns(database, join(source.root, source.files![0]!), wantedColumns(chosen));
  } finally {
    database.close();
  }
}
