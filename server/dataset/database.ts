import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { tmpdir } from 'node:os';
import { ClipcovError } from '../errors.js';

const ELSEWHERE = 'Keep embeddings in another folder (--store, setting clipcov.storeFolder).';

const OPTIONS = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  temp_directory: tmpdir(),
  // What was changed since the last checkpoint is also kept in memory: a quarter of the default, for it not to be seen to grow.
  checkpoint_threshold: '4MB',
};

/** A DuckDB database: in memory, or a file. Extensions are neither installed nor loaded, so nothing is fetched. */
export class Database {
  private limit: string | null = null;

  private constructor(
    /** Null where others use it too. */
    private readonly instance: DuckDBInstance | null,
    readonly connection: DuckDBConnection,
  ) {}

  private static common: Promise<DuckDBInstance> | null = null;

  /** For queries of files that a person waits for: the database in memory is there already, and may hold no table. */
  static async connect(): Promise<Database> {
    Database.common ??= DuckDBInstance.create(':memory:', OPTIONS);
    const instance = await Database.common.catch((error: unknown) => {
      // The next query tries again.
      Database.common = null;
      throw error;
    });
    return new Database(null, await instance.connect());
  }

  static async open(file = ':memory:'): Promise<Database> {
    // DuckDB takes what follows for a query, and looks for the file's log in another place.
    if (file.includes('?'))
      throw new ClipcovError(
        'path-refused',
        'No catalogue can be kept below a folder with “?” in its name.',
        {
          where: file,
          fix: ELSEWHERE,
        },
      );
    try {
      const instance = await DuckDBInstance.create(file, OPTIONS);
      return new Database(instance, await instance.connect());
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const owner = /PID (\d+)/.exec(message)?.[1];
      if (/could not set lock|conflicting lock|being used by another process/i.test(message))
        throw new ClipcovError(
          'dataset-busy',
          `Another ClipCov process${owner ? ` (PID ${owner})` : ''} is working on this dataset.`,
          { where: file, fix: 'Wait until it is done, or cancel it there.', cause },
        );
      if (isFullDisk(cause)) throw fullDisk(file, cause);
      if (/read-only file system|permission denied/i.test(message))
        throw new ClipcovError('cannot-write', 'Cannot write: the catalogue may not be changed.', {
          where: file,
          fix: `Change the permissions. ${ELSEWHERE}`,
          cause,
        });
      throw new ClipcovError(
        'catalogue-unreadable',
        `The catalogue cannot be opened: ${message.split('\n')[0]}`,
        {
          where: file,
          fix: 'Delete the file: it is made again from the dataset.',
          cause,
        },
      );
    }
  }

  /** Rows of a query as objects; BIGINT columns come as numbers. */
  async all<Row>(sql: string, values?: DuckDBValue[]): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql, values);
    return reader.getRowObjectsJS().map((row) => {
      for (const key of Object.keys(row)) if (typeof row[key] === 'bigint') row[key] = Number(row[key]);
      return row as Row;
    });
  }

  async run(sql: string, values?: DuckDBValue[]): Promise<void> {
    await this.connection.run(sql, values);
  }

  /** Appends rows to a table; `null` where a value is null, numbers to BIGINT, INTEGER or DOUBLE as declared. */
  async append(table: string, columns: AppendType[], rows: Iterable<readonly AppendValue[]>): Promise<void> {
    const appender = await this.connection.createAppender(table);
    for (const row of rows) {
      row.forEach((value, i) => {
        if (value === null) appender.appendNull();
        else if (columns[i] === 'VARCHAR') appender.appendVarchar(value as string);
        else if (columns[i] === 'DOUBLE') appender.appendDouble(value as number);
        else appender.appendBigInt(BigInt(value));
      });
      appender.endRow();
    }
    appender.closeSync();
  }

  /**
   * Gives back memory: blocks of the file stay in it until there is no more, which for a file that is gone through once is
   * all of it in the end. Setting a lower limit drops them; then the limit is what it was, before another query comes.
   */
  async giveBack(): Promise<void> {
    this.limit ??= await this.memoryLimit();
    try {
      await this.run(`SET memory_limit = '8MB'; SET memory_limit = ${sqlString(this.limit)}`);
    } catch (error) {
      // Where more is in use than that, what can be dropped has been, and the limit is what it was.
      if (!/could not free up enough memory/i.test(String(error))) throw error;
    }
  }

  private async memoryLimit(): Promise<string> {
    const [setting] = await this.all<{ limit: string }>(`SELECT current_setting('memory_limit') AS "limit"`);
    return setting!.limit;
  }

  close(): void {
    this.connection.closeSync();
    this.instance?.closeSync();
  }
}

export type AppendType = 'VARCHAR' | 'DOUBLE' | 'BIGINT';
export type AppendValue = string | number | bigint | null;

/** Whether an error of DuckDB says that there is no room left. */
export function isFullDisk(error: unknown): boolean {
  const { message = '' } = error instanceof Error ? error : {};
  return /no space left|disk (is )?full|not enough space|could not write all bytes/i.test(message);
}

export function fullDisk(where: string, cause: unknown): ClipcovError {
  return new ClipcovError('cannot-write', 'Cannot write: the disk is full.', {
    where,
    fix: 'Make room, then run again.',
    cause,
  });
}

/** Whether an error of DuckDB says that the file is no sound database of the version in use. */
export function isDamage(error: unknown): boolean {
  const { message = '', cause } = error instanceof Error ? error : {};
  if (error instanceof ClipcovError) return error.code === 'catalogue-unreadable' && isDamage(cause);
  return DAMAGE.test(message);
}

const DAMAGE =
  /corrupt|checksum|not a valid DuckDB database|could not read enough bytes|version number|serializ|replaying WAL|INTERNAL Error/i;

/** A string as an SQL literal, for the few places (COPY … TO) that take no bound parameter. */
export function sqlString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The Parquet file bound as $1: no column is made of the folders it lies in (`id=7/`). */
export const PARQUET = 'read_parquet($1, hive_partitioning = false)';

/** The same with `file_row_number`. */
export const NUMBERED_PARQUET = 'read_parquet($1, hive_partitioning = false, file_row_number = true)';
