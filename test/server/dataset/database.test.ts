import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../../server/dataset/database.js';
import { scratchFolder } from '../cli.js';

const file = join(scratchFolder(), 'kept.duckdb');
let database: Database;

beforeAll(async () => {
  const made = await Database.open(file);
  await made.run(
    `CREATE TABLE kept AS SELECT range AS id, sha256(range::VARCHAR) AS hash FROM range(400000)`,
  );
  made.close();
  database = await Database.open(file);
});
afterAll(() => database.close());

/** Bytes of the file's tables that are in memory. */
async function inMemory(): Promise<number> {
  const [found] = await database.all<{ bytes: number }>(
    `SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT AS bytes FROM duckdb_memory() WHERE tag = 'BASE_TABLE'`,
  );
  return found!.bytes;
}

/** In GiB; DuckDB writes it with one decimal and reads it back as a little less. */
async function limit(): Promise<number> {
  const [found] = await database.all<{ limit: string }>(`SELECT current_setting('memory_limit') AS "limit"`);
  expect(found!.limit).toMatch(/GiB$/);
  return parseFloat(found!.limit);
}

describe('memory given back', () => {
  it('drops what was read of the file, under the limit of before, and loses nothing', async () => {
    const [longest, before] = ['SELECT max(hash) AS longest FROM kept', await limit()];
    const [found] = await database.all(longest);
    expect(await inMemory()).toBeGreaterThan(8e6);
    await database.giveBack();
    expect(await inMemory()).toBeLessThan(8e6);
    expect(Math.abs((await limit()) - before)).toBeLessThan(0.2);
    expect(await database.all(longest)).toEqual([found]);
  });
});
