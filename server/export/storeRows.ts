import { Database, NUMBERED_PARQUET } from '../dataset/database.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';

/**
 * Rows of the pairs with these ids, in the order of the ids; a pair that the store has not, because it cannot be used or
 * because there is no such id, is refused by its id. Ids of a store that is not ours are its rows.
 */
export async function rowsOfIds(store: EmbeddingStore, ids: number[], where: string): Promise<Int32Array> {
  const rows = store.plan === null ? new Map(ids.map((id) => [id, id])) : await lookUp(store, ids);
  return Int32Array.from(ids, (id) => {
    const row = rows.get(id);
    if (row === undefined || row >= store.rows)
      throw new ClipcovError('id-unknown', `No usable pair has the id ${id}.`, {
        where,
        fix: 'Ids are rows of the dataset, counted from 0; rows that were skipped have no embedding.',
      });
    return row;
  });
}

async function lookUp(store: EmbeddingStore, ids: number[]): Promise<Map<number, number>> {
  const database = await Database.open();
  try {
    await database.run('CREATE TABLE wanted(id BIGINT)');
    await database.append(
      'wanted',
      ['BIGINT'],
      [...new Set(ids)].map((id) => [id]),
    );
    const found = new Map<number, number>();
    for (const { metadata, firstRow } of store.parts)
      if (metadata !== null)
        for (const { id, row } of await database.all<{ id: number; row: number }>(
          `SELECT id, file_row_number + $2 AS row FROM ${NUMBERED_PARQUET} JOIN wanted USING (id)`,
          [metadata, BigInt(firstRow)],
        ))
          found.set(id, row);
    return found;
  } finally {
    database.close();
  }
}

/** The row of the pair with this id, or null where the store has none. */
export async function rowOfId(store: EmbeddingStore, id: number): Promise<number | null> {
  if (store.plan === null) return id < store.rows ? id : null;
  return (await lookUp(store, [id])).get(id) ?? null;
}

/** What the metadata say of a row. */
export async function describeId(
  store: EmbeddingStore,
  row: number,
): Promise<{ image: string | null; caption: string | null }> {
  const part = store.parts.find(({ firstRow, rows }) => row >= firstRow && row < firstRow + rows);
  if (!part?.metadata) return { image: null, caption: null };
  const database = await Database.open();
  try {
    const [found] = await database.all<Record<string, unknown>>(
      `SELECT * FROM ${NUMBERED_PARQUET} WHERE file_row_number = $2`,
      [part.metadata, BigInt(row - part.firstRow)],
    );
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    return {
      image: text(found?.['image_path'] ?? found?.['url']),
      caption: text(found?.['caption'] ?? found?.['text']),
    };
  } finally {
    database.close();
  }
}

/** Ids of some rows of the store. */
export async function idsOfRows(store: EmbeddingStore, rows: number[]): Promise<Map<number, number>> {
  if (store.plan === null) return new Map(rows.map((row) => [row, row]));
  const found = new Map<number, number>();
  const database = await Database.open();
  try {
    for (const { metadata, firstRow, rows: held } of store.parts) {
      const own = rows.filter((row) => row >= firstRow && row < firstRow + held);
      if (metadata === null || own.length === 0) continue;
      const numbers = own.map((_, i) => `$${i + 2}`).join();
      for (const { id, number } of await database.all<{ id: number; number: number }>(
        `SELECT id, file_row_number AS number FROM ${NUMBERED_PARQUET} WHERE file_row_number IN (${numbers})`,
        [metadata, ...own.map((row) => BigInt(row - firstRow))],
      ))
        found.set(firstRow + number, id);
    }
    return found;
  } finally {
    database.close();
  }
}
