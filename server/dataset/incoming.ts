import type { AppendValue, Database } from './database.js';
import type { DatasetRow } from './pair.js';

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
