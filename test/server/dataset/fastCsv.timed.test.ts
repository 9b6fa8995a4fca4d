import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Database } from '../../../server/dataset/database.js';
import { loadPlainCsv } from '../../../server/dataset/fastCsv.js';
import { Incoming } from '../../../server/dataset/incoming.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();

it('a plain table of a million rows opens in seconds', async () => {
  const lines = Array.from(
    { length: 1_000_000 },
    (_, i) => `images/${i}.jpg\tcaption "number" ${i}, and more\n`,
  );
  const path = join(folder, 'million.tsv');
  writeFileSync(path, `filepath\ttitle\n${lines.join('')}`);
  const database = await Database.open();
  const into = await Incoming.begin(database, async () => undefined);
  const started = performance.now();
  expect(await loadPlainCsv(path, into)).toBe(true);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(into.rows).toBe(1_000_000);
  const [row] = await database.all<{ caption: string }>('SELECT caption FROM incoming WHERE id = 765432');
  expect(row!.caption).toBe('caption "number" 765432, and more');
  database.close();
});
