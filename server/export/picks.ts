import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import { Database, sqlString, PARQUET } from '../dataset/database.js';
import { produceAside } from '../embeddings/aside.js';
import { ClipcovError } from '../errors.js';
import type { Pick } from '../protocol/pairs.js';
import { describeRows, type MetadataPart } from './describedRows.js';

/** A row of `NAME.parquet`, in greedy order. `row` is the row of the store. */
export interface StoredPick extends Pick {
  row: number;
  /** Its name in a pool such as DataComp's, where the dataset gives one. */
  uid: string | null;
}

/** The Parquet file of a subset; only a plain name beside the document is followed. */
export function picksPath(file: string, document: { picksFile: string }): string {
  return join(dirname(file), basename(document.picksFile));
}

/** Refuses picks that are not those which the document was written with. */
export async function checkPicks(
  file: string,
  document: { picksFile: string; picksSha256: string },
): Promise<void> {
  const parquet = picksPath(file, document);
  if (!existsSync(parquet)) throw picksMissing(parquet);
  if ((await sha256OfFile(parquet)) === document.picksSha256) return;
  throw new ClipcovError('picks-differ', 'The picks are not those that the subset was written with.', {
    where: parquet,
    fix: 'A selection was stopped while it was saved, or one of the two files was replaced: select again.',
  });
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const RESTORE = 'Restore the file that belongs to the subset, or select again.';

export function picksMissing(where: string): ClipcovError {
  return new ClipcovError('picks-missing', 'The picks of the subset are missing.', { where, fix: RESTORE });
}

const COLUMNS = `row, id, rank, gain, latent_class AS latentClass, clip_score AS clipScore,
  image_path AS image, caption`;

/** Picks by rank, a page or all of them. */
export async function readPicks(parquet: string, offset = 0, limit = 2 ** 40): Promise<StoredPick[]> {
  return queryPicks(parquet, 'rank >= $2 AND rank < $3 ORDER BY rank', [
    BigInt(offset),
    BigInt(offset + limit),
  ]);
}

/** The picks of a subset as numbers, by rank: what is left of them without captions and names. */
export interface PickOrder {
  rows: Int32Array;
  gains: Float64Array;
}

export async function readPickOrder(parquet: string): Promise<PickOrder> {
  if (!existsSync(parquet)) throw picksMissing(parquet);
  const picks = await withDatabase((database) =>
    database.all<{ row: number; gain: number }>(`SELECT row, gain FROM ${PARQUET} ORDER BY rank`, [parquet]),
  ).catch((cause: unknown) => {
    throw picksUnreadable(parquet, cause);
  });
  return {
    rows: Int32Array.from(picks, ({ row }) => row),
    gains: Float64Array.from(picks, ({ gain }) => gain),
  };
}

async function queryPicks(parquet: string, which: string, values: DuckDBValue[]): Promise<StoredPick[]> {
  // Asked first: DuckDB would take a name that is not there for a pattern.
  if (!existsSync(parquet)) throw picksMissing(parquet);
  return withDatabase(async (database) => {
    const uid = (await hasColumn(database, parquet, 'uid')) ? 'uid' : 'NULL AS uid';
    const sql = `SELECT ${COLUMNS}, ${uid} FROM ${PARQUET} WHERE ${which}`;
    return database.all<StoredPick>(sql, [parquet, ...values]);
  }).catch((cause: unknown) => {
    throw picksUnreadable(parquet, cause);
  });
}

function picksUnreadable(where: string, cause: unknown): ClipcovError {
  const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new ClipcovError('picks-unreadable', `The picks of the subset cannot be read: ${why}`, {
    where,
    fix: RESTORE,
    cause,
  });
}

async function hasColumn(database: Database, parquet: string, name: string): Promise<boolean> {
  const columns = await database.all<{ column_name: string }>(`DESCRIBE SELECT * FROM ${PARQUET}`, [parquet]);
  return columns.some((column) => column.column_name === name);
}

/** Picks as they come out of a selection, before captions and paths are joined to them. */
export interface PickColumns {
  rows: Int32Array;
  gains: Float64Array;
  latentClasses: string[];
  clipScores: Float64Array;
}

/**
 * Writes `NAME.parquet`: `row, id, rank, gain, latent_class, clip_score, image_path, caption` by rank, and `uid` where
 * the store has them. Paths and captions are null where it has no metadata; `id` is then the row.
 */
export async function writePicks(
  file: string,
  picks: PickColumns,
  metadata: MetadataPart[],
): Promise<{ ids: number[]; sha256: string }> {
  return withDatabase(async (database) => {
    await database.run(
      'CREATE TABLE picks(row BIGINT, rank BIGINT, gain DOUBLE, latent_class VARCHAR, clip_score DOUBLE)',
    );
    await database.append(
      'picks',
      ['BIGINT', 'BIGINT', 'DOUBLE', 'VARCHAR', 'DOUBLE'],
      Array.from(picks.rows, (row, i) => [
        row,
        i,
        picks.gains[i]!,
        picks.latentClasses[i]!,
        picks.clipScores[i]!,
      ]),
    );
    await describeRows(database, metadata, 'picks');
    const [uids] = await database.all<{ any: boolean }>('SELECT count(uid) > 0 AS any FROM described');
    await produceAside(file, (aside) =>
      database.run(
        `COPY (SELECT p.row, coalesce(d.id, p.row) AS id, rank, gain, latent_class, clip_score, image_path, caption${uids!.any ? ', uid' : ''}
               FROM picks p LEFT JOIN described d USING (row) ORDER BY rank) TO ${sqlString(aside)} (FORMAT parquet)`,
      ),
    );
    const sha256 = await sha256OfFile(file);
    // Without metadata the id is the row.
    if (metadata.length === 0) return { ids: [...picks.rows], sha256 };
    const ids = await database.all<{ id: number }>(`SELECT id FROM ${PARQUET} ORDER BY rank`, [file]);
    return { ids: ids.map(({ id }) => id), sha256 };
  });
}

async function withDatabase<T>(use: (database: Database) => Promise<T>): Promise<T> {
  const database = await Database.open();
  try {
    return await use(database);
  } finally {
    database.close();
  }
}
