import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Database } from '../../../server/dataset/database.js';
import { QUICK } from '../../bench/quickModel.js';
import { makeDataset, runCli, scratchFolder, type Ran } from '../cli.js';

const folder = scratchFolder();
const usual = join(folder, 'usual');
const KINDS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;
const tableOf = (kind: (typeof KINDS)[number]): string => join(folder, kind, `pairs.${kind}`);
const keptFor = (name: string, table: string): string =>
  join(folder, name, '.clipcov', table, 'columns.json');
const COLUMNS = ['--image-column', 'Picture file', '--caption-column', 'words'];

const embed = (source: string, ...options: string[]): Promise<Ran> =>
  runCli('embed', source, ...QUICK, '--json', ...options);

function embeddings({ code, stdout, stderr }: Ran): Buffer[] {
  expect(code, stderr).toBe(0);
  const { store } = JSON.parse(stdout) as { store: string };
  return ['img_emb', 'text_emb'].map((kind) => readFileSync(join(store, kind, `${kind}_0.npy`)));
}

beforeAll(async () => {
  const table = await makeDataset(usual, 6);
  const rows = readFileSync(table, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  for (const kind of KINDS) await makeDataset(join(folder, kind), 6);
  // A name in quotes may hold any separator, and more of another one than there are columns.
  const lines = (separator: string): string =>
    ['number', 'Picture file', 'words', 'notes', '"notes, of, any, other, kind"'].join(separator) +
    rows.map(([image, caption], i) => `\n${[i, image, caption, 'none', ''].join(separator)}`).join('');
  writeFileSync(tableOf('csv'), lines(';'));
  writeFileSync(tableOf('tsv'), lines('\t'));
  const objects = rows.map(([image, caption], i) => ({ number: i, 'Picture file': image, words: caption }));
  writeFileSync(tableOf('jsonl'), objects.map((object) => JSON.stringify(object)).join('\n'));
  const database = await Database.open();
  await database.run(
    `COPY (SELECT "Picture file", words FROM read_json('${tableOf('jsonl')}')) TO '${tableOf('parquet')}' (FORMAT parquet)`,
  );
  database.close();
});

it.each(KINDS)(
  'a %s whose columns are called otherwise is read by those that are named, from then on',
  async (kind) => {
    const table = tableOf(kind);
    const refused = await embed(table);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/"words".*--image-column/s)]);
    const expected = embeddings(await embed(usual));
    expect(embeddings(await embed(table, ...COLUMNS))).toEqual(expected);
    // What was named stays with the dataset.
    expect(embeddings(await embed(table))).toEqual(expected);
    const kept = readFileSync(keptFor(kind, `pairs.${kind}`), 'utf8');
    expect(kept).toBe('{"schema":1,"image":"Picture file","caption":"words"}\n');
  },
);

it('says what cannot be chosen, and keeps the choice there was', async () => {
  const wrong = await embed(tableOf('csv'), '--image-column', 'Picture file', '--caption-column', 'text');
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/"text" that were chosen for image and caption.*"words"/s),
  ]);
  expect((await embed(tableOf('csv'))).code).toBe(0);
  const half = await embed(tableOf('csv'), '--image-column', 'Picture file');
  expect([half.code, half.stderr]).toEqual([2, expect.stringMatching(/go together/)]);
  const shards = await embed(join(folder, 'csv', 'images'), ...COLUMNS);
  expect([shards.code, shards.stderr]).toEqual([1, expect.stringMatching(/Only a table has columns/)]);
});

it('takes a column of a Parquet for what it can be alone', async () => {
  const table = join(folder, 'typed', 'pairs.parquet');
  await makeDataset(join(folder, 'typed'), 6);
  const database = await Database.open();
  const pictures = `(SELECT regexp_extract(filename, '(\\d)[.]png', 1) AS number, content AS photo FROM read_blob('${join(folder, 'typed', 'images', '*.png')}'))`;
  await database.run(
    `COPY (SELECT CAST(number AS INT) AS number, photo, 'picture number ' || number AS words FROM ${pictures} ORDER BY number)
     TO '${table}' (FORMAT parquet)`,
  );
  database.close();
  const number = await embed(table, '--image-column', 'photo', '--caption-column', 'number');
  expect([number.code, number.stderr]).toEqual([
    1,
    expect.stringMatching(/that could are: "photo", "words"/),
  ]);
  expect(existsSync(keptFor('typed', 'pairs.parquet'))).toBe(false);
  const chosen = ['--image-column', 'photo', '--caption-column', 'words'];
  expect(embeddings(await embed(table, ...chosen))).toEqual(embeddings(await embed(usual)));
});

it('looks at more than the first line of a JSONL', async () => {
  const table = join(folder, 'first', 'pairs.jsonl');
  await makeDataset(join(folder, 'first'), 6);
  writeFileSync(table, `{"made by":"hand"}\n${readFileSync(tableOf('jsonl'), 'utf8')}`);
  const { code, stdout, stderr } = await embed(table, ...COLUMNS);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ pairs: 7, skipped: { total: 1 } });
});

it('tells a choice that cannot be read from one of a newer version', async () => {
  const file = keptFor('tsv', 'pairs.tsv');
  const kept = readFileSync(file, 'utf8');
  writeFileSync(file, '{"schema":1,"image":');
  const damaged = await embed(tableOf('tsv'));
  expect([damaged.code, damaged.stderr]).toEqual([
    1,
    expect.stringMatching(/chosen columns cannot be read.*columns\.json/s),
  ]);
  writeFileSync(file, kept.replace('"schema":1', '"schema":2'));
  expect((await embed(tableOf('tsv'))).stderr).toMatch(/newer version/);
  expect((await embed(tableOf('tsv'), ...COLUMNS)).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(kept);
});

it('takes another choice, with what it holds', async () => {
  const other = await embed(tableOf('csv'), '--image-column', 'Picture file', '--caption-column', 'notes');
  const [images, texts] = embeddings(other);
  const [first, second] = embeddings(await embed(usual));
  expect(images).toEqual(first);
  expect(texts).not.toEqual(second);
});
