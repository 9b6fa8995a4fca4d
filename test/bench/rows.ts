import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Catalogue } from '../../server/dataset/catalogue.js';
import { Database, sqlString } from '../../server/dataset/database.js';
import { openSource, type DatasetSource } from '../../server/dataset/source.js';
import { median } from './measure.js';
import { FOLDER } from './synthetic.js';

/**
 * How long a table of many rows takes to open and to page, beside DuckDB reading the same file into a table on disk, both in this
 * run. `npm run bench:rows [ROWS]`: 10000000 where no number is given.
 */
const rows = Number(process.argv[2] ?? 10_000_000);
const PAGE = 50;
const PAGES = 200;

const FORMATS = {
  csv: { written: 'FORMAT csv, HEADER', read: 'read_csv' },
  parquet: { written: 'FORMAT parquet', read: 'read_parquet' },
};

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

for (const [extension, { written, read }] of Object.entries(FORMATS)) {
  const folder = join(FOLDER, `rows-${rows}-${extension}`);
  const file = join(folder, `pairs.${extension}`);
  mkdirSync(folder, { recursive: true });
  const own = join(folder, 'peer.duckdb');
  rmSync(own, { force: true });
  const database = await Database.open(own);
  if (!existsSync(file)) {
    await database.run(
      `COPY (SELECT 'images/' || (i // 1000) || '/' || i || '.jpg' AS image, 'a "picture" of number ' || i || ', and more' AS caption
       FROM range(${rows}) t(i)) TO ${sqlString(`${file}.tmp`)} (${written})`,
    );
    renameSync(`${file}.tmp`, file);
  }
  // Read once before either is timed: both find the file in the page cache.
  await database.all(`SELECT count(*) FROM ${read}(${sqlString(file)})`);
  const peer = await seconds(async () => {
    await database.run(`CREATE TABLE pairs AS SELECT * FROM ${read}(${sqlString(file)})`);
    await database.run('CHECKPOINT');
  });
  database.close();

  const home = join(folder, 'home');
  rmSync(home, { recursive: true, force: true });
  const source = (await openSource(file)) as DatasetSource;
  const catalogue = await Catalogue.open(home);
  const open = (): Promise<number> => catalogue.load(source, async () => undefined);
  const first = await seconds(open);
  const again = await seconds(open);
  const pages: number[] = [];
  for (let page = 0; page < PAGES; page++) {
    const from = (page * 7_654_321) % Math.max(1, rows - PAGE);
    pages.push(1000 * (await seconds(() => catalogue.rows(from, from + PAGE))));
  }
  catalogue.close();
  console.log(
    `  ${extension}, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB: opened in ${(first / peer).toFixed(2)} times ` +
      `what DuckDB takes to read it into a table on disk (${first.toFixed(1)} s), once more in ${again.toFixed(2)} s; ` +
      `${PAGE} rows anywhere in ${median(pages).toFixed(1)} ms (${Math.max(...pages).toFixed(1)} at most)`,
  );
}
console.log(`  memory of this process: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
