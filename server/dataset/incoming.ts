import { sqlString, type AppendValue, type Database } from './database.js';
import { REASONS, type DatasetRow } from './pair.js';

/** What JavaScript's `trim` takes away, for SQL. */
const BLANK =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** Whether the first or last character of a column is seen, in SQL: taking a set of characters away is slow, and seldom needed. */
const seen = (end: 'left' | 'right', column: string): string =>
  `ascii(${end}(${column}, 1)) BETWEEN 33 AND 126`;

const trimmed = (column: string): string =>
  `CASE WHEN ${seen('left', column)} AND ${seen('right', column)} THEN ${column}
        ELSE trim(${column}, ${sqlString(BLANK)}) END`;

const isBlank = (column: string): string =>
  `CASE WHEN ${seen('left', column)} THEN false ELSE trim(${column}, ${sqlString(BLANK)}) = '' END`;

/**
 * SQL of the columns of `incoming` from a relation with `row, image, caption, uid`, with the problems of a row as `datasetRow`
 * finds them; `place` is SQL of where a row stands. Rows stay in the order of the relation, as DuckDB keeps it.
 */
export function rowSelect(relation: string, place: string, id = 'row'): string {
  const { noImage, emptyImage, noCaption, emptyCaption } = REASONS;
  return `SELECT ${id}, nullif(${trimmed('image')}, ''), caption, nullif(${trimmed('uid')}, ''),
      CASE WHEN image IS NULL THEN ${sqlString(noImage)} WHEN ${isBlank('image')} THEN ${sqlString(emptyImage)}
           WHEN caption IS NULL THEN ${sqlString(noCaption)} WHEN ${isBlank('caption')} THEN ${sqlString(emptyCaption)}
      END AS reason,
      CASE WHEN reason IS NOT NULL THEN ${place} END
    FROM ${relation}`;
}

const COLUMNS = ['BIGINT', 'VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR'] as const;
const APPEND_ROWS = 8192;

/** Rows of a dataset on their way into the catalogue: a temporary table that readers add to, one by one or in SQL. */
export class Incoming {
  rows = 0;
  private buffer: AppendValue[][] = [];

  private constructor(
    readonly database: Database,
    /** Called now and then with the rows so far; throws to cancel. */
    private readonly checkpoint: (rows: number) => Promise<void>,
  ) {}

  static async begin(database: Database, checkpoint: (rows: number) => Promise<void>): Promise<Incoming> {
    await database.run(
      'CREATE TEMP TABLE incoming(id BIGINT, image VARCHAR, caption VARCHAR, uid VARCHAR, reason VARCHAR, place VARCHAR)',
    );
    return new Incoming(database, checkpoint);
  }

  async add({ id, image, caption, uid, problem }: DatasetRow): Promise<void> {
    this.buffer.push([id, image, caption, uid ?? null, problem?.reason ?? null, problem?.where ?? null]);
    this.rows++;
    if (this.buffer.length === APPEND_ROWS) await this.flush();
  }

  async addAll(rows: AsyncIterable<DatasetRow>): Promise<void> {
    for await (const row of rows) await this.add(row);
    await this.flush();
  }

  /** Says how many rows the table has after SQL added to it. */
  async counted(): Promise<number> {
    const [count] = await this.database.all<{ count: number }>('SELECT count(*) AS count FROM incoming');
    this.rows = count!.count;
    await this.checkpoint(this.rows);
    return this.rows;
  }

  private async flush(): Promise<void> {
    await this.database.append('incoming', [...COLUMNS], this.buffer);
    this.buffer = [];
    await this.checkpoint(this.rows);
  }
}
