import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../../server/dataset/catalogue.js';
import { Database, sqlString } from '../../../server/dataset/database.js';
import { imageRoots, resolveImage } from '../../../server/dataset/roots.js';
import { openSource, type DatasetSource } from '../../../server/dataset/source.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();
let made = 0;

async function lay(files: Record<string, string>): Promise<string> {
  const root = join(folder, `${++made}`);
  const database = await Database.open();
  for (const [name, sql] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    await database.run(`COPY (${sql}) TO ${sqlString(join(root, name))} (FORMAT parquet)`);
  }
  database.close();
  return root;
}

async function pairsOf(root: string): Promise<(string | null)[][]> {
  const source = (await openSource(root)) as DatasetSource;
  const catalogue = await Catalogue.open(join(folder, `catalogue-${++made}`));
  try {
    const count = await catalogue.load(source, async () => undefined);
    const rows = await catalogue.rows(0, count);
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, i) => i));
    return rows.map(({ image, caption, problem }) => [problem?.where ?? image, problem?.reason ?? caption]);
  } finally {
    catalogue.close();
  }
}

async function contentOf(root: string, image: string): Promise<string> {
  const found = await resolveImage(await imageRoots(root, []), image);
  if ('reason' in found) return `refused: ${found.reason}`;
  return found.read().then(String, (error: Error) => `failed: ${error.message}`);
}

describe('Parquet', () => {
  it('of the Hugging Face hub: images as struct, several files, nulls cost their rows', async () => {
    const root = await lay({
      'data/train-00001-of-00002.parquet': `SELECT {'bytes': 'late'::BLOB, 'path': 'x.jpg'} AS image, 'last' AS text, 1 AS label`,
      'data/train-00000-of-00002.parquet': `SELECT * FROM (VALUES
        ({'bytes': 'first'::BLOB, 'path': NULL}, 'a caption, "quoted"'), ({'bytes': 'second'::BLOB, 'path': NULL}, NULL),
        ({'bytes': 'third'::BLOB, 'path': NULL}, ' \n'), ({'bytes': NULL, 'path': 'y.jpg'}, 'fourth')) t(image, text)`,
    });
    const shard = 'data/train-00000-of-00002.parquet';
    expect(await openSource(root)).toMatchObject({ kind: 'parquet' });
    expect(await pairsOf(root)).toEqual([
      [`${shard}/0`, 'a caption, "quoted"'],
      [`${shard}:1`, 'caption is missing or not UTF-8'],
      [`${shard}:2`, 'caption is empty'],
      [`${shard}/3`, 'fourth'],
      ['data/train-00001-of-00002.parquet/0', 'last'],
    ]);
    expect(await contentOf(root, `${shard}/0`)).toBe('first');
    expect(await contentOf(root, 'data/train-00001-of-00002.parquet/0')).toBe('late');
    expect(await contentOf(root, `${shard}/3`)).toBe('failed: the cell holds no image');
    expect(await contentOf(root, `${shard}/99`)).toBe('failed: the cell holds no image');
  });

  it('with paths, with lists of captions, with plain bytes and uids', async () => {
    const paths = await lay({
      'p.parquet': `SELECT * FROM (VALUES (' a.jpg ', 'one'), ('', 'two'), (NULL, 'three')) t(image_path, caption)`,
    });
    expect(await pairsOf(join(paths, 'p.parquet'))).toEqual([
      ['a.jpg', 'one'],
      ['p.parquet:1', 'image path is empty'],
      ['p.parquet:2', 'image path is missing or not UTF-8'],
    ]);
    const bytes = await lay({
      'b.parquet': `SELECT 'xx'::BLOB AS jpg, ['first said', 'then said'] AS caption, 'f00d' AS uid`,
    });
    expect(await pairsOf(bytes)).toEqual([['b.parquet/0', 'first said']]);
    expect(await contentOf(bytes, 'b.parquet/0')).toBe('xx');
  });

  it('of URLs alone, of other columns, or damaged is refused by name', async () => {
    const urls = await lay({ 'u.parquet': `SELECT 'http://x/y.jpg' AS url, 'c' AS text` });
    await expect(pairsOf(urls)).rejects.toMatchObject({
      code: 'column-missing',
      message: expect.stringMatching(/no image column.*"url", "text"/),
      data: { fix: expect.stringMatching(/img2dataset/) },
    });
    const other = await lay({ 'o.parquet': `SELECT 1 AS a, {'bytes': 'x'::BLOB} AS image` });
    await expect(pairsOf(other)).rejects.toMatchObject({
      message: expect.stringMatching(/no caption column/),
    });
    const damaged = join(folder, 'damaged.parquet');
    writeFileSync(damaged, 'PAR1 no parquet PAR1');
    await expect(pairsOf(damaged)).rejects.toMatchObject({
      code: 'table-unreadable',
      data: { where: damaged },
    });
  });

  it('of a subset beside its document is not taken for the dataset', async () => {
    const root = await lay({
      'a.parquet': `SELECT 'a.jpg' AS image, 'of a' AS caption`,
      'subsets/x.parquet': `SELECT 'b.jpg' AS image, 'of b' AS caption`,
    });
    writeFileSync(join(root, 'subsets', 'x.clipcov.json'), '{}');
    expect(await pairsOf(root)).toEqual([['a.jpg', 'of a']]);
  });

  it('of a million rows opens in seconds and pages in milliseconds', async () => {
    const root = await lay({
      'm.parquet': `SELECT 'images/' || i || '.jpg' AS image_path, 'caption number ' || i AS caption FROM range(1000000) t(i)`,
    });
    const source = (await openSource(root)) as DatasetSource;
    const catalogue = await Catalogue.open(join(folder, 'million'));
    const started = performance.now();
    expect(await catalogue.load(source, async () => undefined)).toBe(1_000_000);
    expect(performance.now() - started).toBeLessThan(15_000);
    await catalogue.rows(0, 50);
    const paged = performance.now();
    expect((await catalogue.rows(765_432, 765_482))[0]).toMatchObject({ caption: 'caption number 765432' });
    expect(performance.now() - paged).toBeLessThan(1_000);
    catalogue.close();
  });
});
