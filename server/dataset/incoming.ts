import { sqlString, type AppendValue, type Database } from './database.js';
import { REASONS, type DatasetRow } from './pair.js';

/** What JavaScript's `trim` takes away, for SQL. */
const BLANK =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/**
 * SQL of the columns of `incoming` from a relation with `row, image, caption, uid`, with the problems of a row as `datasetRow`
 * finds them; `place` is SQL of where a row stands.
 */
export function rowSelect(relation: string, place: string, id = 'row'): string {
  const { noImage, emptyImage, noCaption, emptyCaption } = REASONS;
  const blank = sqlString(BLANK);
  return `SELECT ${id}, nullif(trim(image, ${blank}), ''), caption, nullif(trim(uid, ${blank}), ''),
      CASE WHEN image IS NULL THEN ${sqlString(noImage)} WHEN trim(image, ${blank}) = '' THEN ${sqlString(emptyImage)}
           WHEN caption IS NULL THEN ${sqlString(noCaption)} WHEN trim(caption, ${blank}) = '' THEN ${sqlString(emptyCaption)}
      END AS reason,
      CASE WHEN reason IS NOT NULL THEN ${place} END
    FROM ${relation} ORDER BY row`;
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
