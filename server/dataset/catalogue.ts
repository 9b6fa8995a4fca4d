import { rmSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ClipcovError } from '../errors.js';
import { chosenColumns } from './chosenColumns.js';
import { wantedColumns, type TableColumns, type WantedColumns } from './columns.js';
import { Database, fullDisk, isDamage, isFullDisk, PARQUET, sqlString } from './database.js';
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
  private version: number | null = null;
  private damaged = false;
  private remembered = 0;

  private constructor(
    private readonly file: string,
    private readonly database: Database,
  ) {}

  /** One that is damaged, or of another version, is made again. */
  static async open(folder: string): Promise<Catalogue> {
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'catalogue.duckdb');
    const opened = await Catalogue.openFile(file).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      return null;
    });
    if (opened?.version === VERSION) return opened;
    opened?.close();
    removeCatalogue(file);
    return Catalogue.openFile(file);
  }

  private static async openFile(file: string): Promise<Catalogue> {
    const database = await Database.open(file);
    const catalogue = new Catalogue(file, database);
    try {
      await catalogue.makeTables();
      return catalogue;
    } catch (error) {
      database.close();
      throw isFullDisk(error) ? fullDisk(file, error) : error;
    }
  }

  private async makeTables(): Promise<void> {
    const { database } = this;
    await database.run(`CREATE TABLE IF NOT EXISTS source(signature VARCHAR)`);
    await database.run(
      `CREATE TABLE IF NOT EXISTS pairs(id BIGINT, image VARCHAR, caption VARCHAR, reason VARCHAR, place VARCHAR,
                                        size BIGINT, mtime_ns VARCHAR, sha256 VARCHAR, unusable VARCHAR)`,
    );
    // A catalogue of an earlier version has neither.
    await database.run('ALTER TABLE pairs ADD COLUMN IF NOT EXISTS uid VARCHAR');
    await database.run('CREATE TABLE IF NOT EXISTS format(version BIGINT)');
    await database.run(`INSERT INTO format SELECT ${VERSION} WHERE NOT EXISTS (SELECT version FROM format)`);
    const [format] = await database.all<{ version: number }>('SELECT version FROM format');
    this.version = format!.version;
  }

  /**
   * What a query comes to, or what its failure means to a person. Damage that only shows when rows are read costs this run;
   * the next one makes the catalogue again.
   */
  private async whole<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (cause) {
      if (isFullDisk(cause)) throw fullDisk(this.file, cause);
      if (!isDamage(cause)) throw cause;
      this.damaged = true;
      throw new ClipcovError('catalogue-damaged', 'The catalogue of the dataset is damaged.', {
        where: this.file,
        fix: 'Run again: it is made again from the dataset, and embeddings are kept.',
        cause,
      });
    }
  }

  /** Brings the rows up to date with the dataset; a table that has not changed since is not read again. */
  async load(source: DatasetSource, checkpoint: (rows: number) => Promise<void>): Promise<number> {
    const chosen = chosenColumns(dirname(this.file));
    const signature = await signatureOf(source, chosen);
    const [known] = await this.whole(
      this.database.all<{ signature: string | null }>('SELECT signature FROM source'),
    );
    if (signature === null || known?.signature !== signature)
      await this.reload(source, signature, wantedColumns(chosen), checkpoint);
    const [count] = await this.whole(
      this.database.all<{ count: number }>('SELECT count(*) AS count FROM pairs'),
    );
    return count!.count;
  }

  private async reload(
    source: DatasetSource,
    signature: string | null,
    wanted: WantedColumns,
    checkpoint: (rows: number) => Promise<void>,
  ): Promise<void> {
    const { database } = this;
    // Before the transaction: a reader that fails on a table, for another to read it, would abort it.
    await source.load(await Incoming.begin(database, checkpoint), wanted);
    await this.whole(this.replaceRows(signature));
    await database.giveBack();
  }

  private async replaceRows(signature: string | null): Promise<void> {
    const { database } = this;
    await database.run('BEGIN');
    try {
      const [seen] = await database.all('SELECT 1 FROM pairs WHERE sha256 IS NOT NULL LIMIT 1');
      await database.run(
        // Rows are sorted where a join may have mixed them; of a new dataset nothing was seen yet.
        seen
          ? `CREATE OR REPLACE TABLE pairs AS
             SELECT i.*, f.size, f.mtime_ns, f.sha256, f.unusable
             FROM incoming i LEFT JOIN (
               SELECT image, any_value({size: size, mtime_ns: mtime_ns, sha256: sha256, unusable: unusable}) AS f
               FROM pairs WHERE sha256 IS NOT NULL GROUP BY image) seen USING (image)
             ORDER BY i.id`
          : `CREATE OR REPLACE TABLE pairs AS
             SELECT *, NULL::BIGINT AS size, NULL::VARCHAR AS mtime_ns, NULL::VARCHAR AS sha256, NULL::VARCHAR AS unusable
             FROM incoming`,
      );
      await database.run('DROP TABLE incoming');
      await database.run('DELETE FROM source');
      await database.run('INSERT INTO source VALUES ($1)', [signature]);
      await database.run('COMMIT');
    } catch (error) {
      // A damaged database cannot even do that.
      await database.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Rows with ids in [first, end), ascending. */
  async rows(first: number, end: number): Promise<CatalogueRow[]> {
    const rows = await this.whole(
      this.database.all<StoredRow>('SELECT * FROM pairs WHERE id >= $1 AND id < $2 ORDER BY id', [
        BigInt(first),
        BigInt(end),
      ]),
    );
    return rows.map(catalogueRow);
  }

  /** Writes all rows into a Parquet file: for other machines, which may not open the catalogue together. */
  async copyTo(file: string): Promise<void> {
    await this.whole(
      this.database.run(`COPY (SELECT * FROM pairs ORDER BY id) TO ${sqlString(file)} (FORMAT parquet)`),
    );
  }

  /** Rows that the dataset itself makes unusable (no file was looked at yet). */
  async problems(): Promise<{ id: number; problem: RowProblem }[]> {
    const rows = await this.whole(
      this.database.all<StoredRow>('SELECT * FROM pairs WHERE reason IS NOT NULL ORDER BY id'),
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
    await this.whole(
      database.run(
        `UPDATE pairs SET size = read.size, mtime_ns = read.mtime_ns, sha256 = read.sha256, unusable = read.unusable
       FROM read WHERE pairs.id = read.id AND pairs.id >= $1 AND pairs.id <= $2`,
        [BigInt(Math.min(...ids)), BigInt(Math.max(...ids))],
      ),
    );
    if (++this.remembered % GIVE_BACK === 0) await database.giveBack();
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
    if (this.damaged) removeCatalogue(this.file);
  }
}

/** Parts of the dataset after which memory is given back. */
const GIVE_BACK = 4;

/** Of the tables; a catalogue that says another one is of another version of ClipCov. */
const VERSION = 1;

/** With what DuckDB keeps beside it. */
function removeCatalogue(file: string): void {
  for (const name of [file, `${file}.wal`]) rmSync(name, { force: true });
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
async function signatureOf(
  { root, files }: DatasetSource,
  chosen: TableColumns | null,
): Promise<string | null> {
  if (files === null) return null;
  const signature: (string | number)[] = [];
  for (const file of files) {
    const { size, mtimeNs } = await stat(join(root, file), { bigint: true });
    signature.push(file, Number(size), mtimeNs.toString());
  }
  if (chosen) signature.push(chosen.image, chosen.caption);
  return JSON.stringify(signature);
}
