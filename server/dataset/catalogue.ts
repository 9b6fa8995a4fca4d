import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Database, PARQUET, sqlString } from './database.js';
import { Incoming } from './incoming.js';
import type { RowProblem } from './pair.js';
import type { DatasetSource } from './source.js';

/** A row of the dataset with what is known of its image file from an earlier run. */
export interface CatalogueRow {
  id: number;
  image: string;
  caption: string;
  uid: string | null;
  problem: RowProblem | null;
  /** Size, time of change and content hash when the image was last read; null where it never was. */
  known: KnownFile | null;
}

export interface KnownFile {
  size: number;
  mtimeNs: string;
  sha256: string;
  /** Why the content cannot be decoded, or null. */
  unusable: string | null;
}

/**
 * The catalogue of a dataset in DuckDB: its rows by id, and the image files as they were last seen, so that a second
 * run need not read what has not changed. A cache: it is made again from the dataset when it is lost.
 */
export class Catalogue {
  private constructor(private readonly database: Database) {}

  static async open(folder: string): Promise<Catalogue> {
    await mkdir(folder, { recursive: true });
    const database = await Database.open(join(folder, 'catalogue.duckdb'));
    await database.run(`CREATE TABLE IF NOT EXISTS source(signature VARCHAR)`);
    await database.run(
      `CREATE TABLE IF NOT EXISTS pairs(id BIGINT, image VARCHAR, caption VARCHAR, reason VARCHAR, place VARCHAR,
                                        size BIGINT, mtime_ns VARCHAR, sha256 VARCHAR, unusable VARCHAR)`,
    );
    // A catalogue of an earlier version has none.
    await database.run('ALTER TABLE pairs ADD COLUMN IF NOT EXISTS uid VARCHAR');
    return new Catalogue(database);
  }

  /** Brings the rows up to date with the dataset; a table that has not changed since is not read again. */
  async load(source: DatasetSource, checkpoint: (rows: number) => Promise<void>): Promise<number> {
    const signature = await signatureOf(source);
    const [known] = await this.database.all<{ signature: string | null }>('SELECT signature FROM source');
    if (signature === null || known?.signature !== signature)
      await this.reload(source, signature, checkpoint);
    const [count] = await this.database.all<{ count: number }>('SELECT count(*) AS count FROM pairs');
    return count!.count;
  }

  private async reload(
    source: DatasetSource,
    signature: string | null,
    checkpoint: (rows: number) => Promise<void>,
  ): Promise<void> {
    const { database } = this;
    // Before the transaction: a reader that fails on a table, for another to read it, would abort it.
    await source.load(await Incoming.begin(database, checkpoint));
    await database.run('BEGIN');
    try {
      await database.run(
        `CREATE OR REPLACE TABLE pairs AS
         SELECT i.*, f.size, f.mtime_ns, f.sha256, f.unusable
         FROM incoming i LEFT JOIN (
           SELECT image, any_value({size: size, mtime_ns: mtime_ns, sha256: sha256, unusable: unusable}) AS f
           FROM pairs WHERE sha256 IS NOT NULL GROUP BY image) seen USING (image)
         ORDER BY i.id`,
      );
      await database.run('DROP TABLE incoming');
      await database.run('DELETE FROM source');
      await database.run('INSERT INTO source VALUES ($1)', [signature]);
      await database.run('COMMIT');
    } catch (error) {
      await database.run('ROLLBACK');
      throw error;
    }
  }

  /** Rows with ids in [first, end), ascending. */
  async rows(first: number, end: number): Promise<CatalogueRow[]> {
    const rows = await this.database.all<StoredRow>(
      'SELECT * FROM pairs WHERE id >= $1 AND id < $2 ORDER BY id',
      [BigInt(first), BigInt(end)],
    );
    return rows.map(catalogueRow);
  }

  /** Writes all rows into a Parquet file: for other machines, which may not open the catalogue together. */
  async copyTo(file: string): Promise<void> {
    await this.database.run(`COPY (SELECT * FROM pairs ORDER BY id) TO ${sqlString(file)} (FORMAT parquet)`);
  }

  /** Rows that the dataset itself makes unusable (no file was looked at yet). */
  async problems(): Promise<{ id: number; problem: RowProblem }[]> {
    const rows = await this.database.all<StoredRow>(
      'SELECT * FROM pairs WHERE reason IS NOT NULL ORDER BY id',
    );
    return rows.map((row) => ({ id: row.id, problem: { reason: row.reason!, where: row.place ?? '' } }));
  }

  /** Records what the images of some rows held when they were read. */
  async remember(files: ({ id: number } & KnownFile)[]): Promise<void> {
    if (files.length === 0) return;
    const { database } = this;
    await database.run(
      'CREATE OR REPLACE TEMP TABLE read(id BIGINT, size BIGINT, mtime_ns VARCHAR, sha256 VARCHAR, unusable VARCHAR)',
    );
    await database.append(
      'read',
      ['BIGINT', 'BIGINT', 'VARCHAR', 'VARCHAR', 'VARCHAR'],
      files.map((file) => [file.id, file.size, file.mtimeNs, file.sha256, file.unusable]),
    );
    const ids = files.map((file) => file.id);
    await database.run(
      `UPDATE pairs SET size = read.size, mtime_ns = read.mtime_ns, sha256 = read.sha256, unusable = read.unusable
       FROM read WHERE pairs.id = read.id AND pairs.id >= $1 AND pairs.id <= $2`,
      [BigInt(Math.min(...ids)), BigInt(Math.max(...ids))],
    );
  }

  /** Records what another machine read, as `RowsCopy` wrote it. */
  async rememberFrom(file: string): Promise<void> {
    await this.database.run(
      `UPDATE pairs SET size = seen.size, mtime_ns = seen.mtime_ns, sha256 = seen.sha256, unusable = seen.unusable
       FROM ${PARQUET} AS seen WHERE pairs.id = seen.id`,
      [file],
    );
  }

  close(): void {
    this.database.close();
  }
}

/** A row as it is stored, as others see it. */
export function catalogueRow(row: StoredRow): CatalogueRow {
  return {
    id: row.id,
    image: row.image ?? '',
    caption: row.caption ?? '',
    uid: row.uid,
    problem: row.reason === null ? null : { reason: row.reason, where: row.place ?? '' },
    known:
      row.sha256 === null
        ? null
        : { size: row.size!, mtimeNs: row.mtime_ns!, sha256: row.sha256, unusable: row.unusable },
  };
}

export interface StoredRow {
  id: number;
  image: string | null;
  caption: string | null;
  uid: string | null;
  reason: string | null;
  place: string | null;
  size: number | null;
  mtime_ns: string | null;
  sha256: string | null;
  unusable: string | null;
}

/** What changes when a file of the dataset changes; null for a folder, which says nothing of the files in it. */
async function signatureOf({ root, files }: DatasetSource): Promise<string | null> {
  if (files === null) return null;
  const signature: (string | number)[] = [];
  for (const file of files) {
    const { size, mtimeNs } = await stat(join(root, file), { bigint: true });
    signature.push(file, Number(size), mtimeNs.toString());
  }
  return JSON.stringify(signature);
}
