import type { Database } from '../dataset/database.js';
import { NUMBERED_PARQUET, PARQUET } from '../dataset/database.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';

/** One metadata file of a store, with the row of the store at which it starts. */
export interface MetadataPart {
  file: string;
  firstRow: number;
  /** Rows of the part's embeddings. */
  rows: number;
  /** Whether its `id` is the pair's row in a dataset, as in a store of ours; the id is the row of the store otherwise. */
  ownIds: boolean;
}

export function metadataOf(store: EmbeddingStore): MetadataPart[] {
  return store.parts.flatMap((part) =>
    part.metadata === null
      ? []
      : [{ file: part.metadata, firstRow: part.firstRow, rows: part.rows, ownIds: store.plan !== null }],
  );
}

/** Makes the table `described` of what the metadata say of the rows that stand in the table `of`. */
export async function describeRows(database: Database, metadata: MetadataPart[], of: string): Promise<void> {
  await database.run(
    'CREATE TABLE described(row BIGINT, id BIGINT, image_path VARCHAR, caption VARCHAR, uid VARCHAR)',
  );
  for (const part of metadata) await describePart(database, part, of);
}

/** Any of our columns may be missing in somebody else's store. */
async function describePart(database: Database, part: MetadataPart, of: string): Promise<void> {
  const columns = await database.all<{ column_name: string }>(`DESCRIBE SELECT * FROM ${PARQUET}`, [
    part.file,
  ]);
  const [held] = await database.all<{ rows: number }>(`SELECT count(*) AS rows FROM ${PARQUET}`, [part.file]);
  if (held!.rows !== part.rows)
    throw new ClipcovError(
      'store-broken',
      `The embedding store is not complete: the metadata have ${held!.rows} rows, the embeddings beside them ${part.rows}.`,
      { where: part.file, fix: 'Restore the file that belongs to the embeddings, or remove the metadata.' },
    );
  const has = (name: string): boolean => columns.some((column) => column.column_name === name);
  // DataComp's names where clip-retrieval's are absent.
  const text = (...names: string[]): string => {
    const name = names.find(has);
    return name === undefined ? 'NULL' : `CAST(${name} AS VARCHAR)`;
  };
  const first = BigInt(part.firstRow);
  await database.run(
    `INSERT INTO described SELECT file_row_number + $2,
       ${part.ownIds && has('id') ? 'id' : 'file_row_number + $2'},
       ${text('image_path', 'url')}, ${text('caption', 'text')}, ${text('uid')}
     FROM ${NUMBERED_PARQUET}
     WHERE file_row_number + $2 IN (SELECT row FROM ${of})`,
    [part.file, first],
  );
}
