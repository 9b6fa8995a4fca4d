import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Database } from '../../../server/dataset/database.js';
import { makeDataset, QUICK, runCli, scratchFolder, type Ran } from '../cli.js';

const folder = scratchFolder();
const usual = join(folder, 'usual');
const KINDS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;
const tableOf = (kind: (typeof KINDS)[number]): string => join(folder, kind, `pairs.${kind}`);
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
  const lines = (separator: string): string =>
    ['number', 'Picture file', 'words', 'notes'].join(separator) +
    rows.map(([image, caption], i) => `\n${[i, image, caption, 'none'].join(separator)}`).join('');
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
    const kept = readFileSync(join(folder, kind, '.clipcov', `pairs.${kind}`, 'columns.json'), 'utf8');
    expect(kept).toBe('{"schema":1,"image":"Picture file","caption":"words"}\n');
  },
);

it('says what cannot be chosen, and keeps the choice there was', async () => {
  const wrong = await embed(tableOf('csv'), '--image-column', 'Picture file', '--caption-column', 'text');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/"text" that were chosen.*"words"/s)]);
  expect((await embed(tableOf('csv'))).code).toBe(0);
  const half = await embed(tableOf('csv'), '--image-column', 'Picture file');
  expect([half.code, half.stderr]).toEqual([2, expect.stringMatching(/go together/)]);
  const shards = await embed(join(folder, 'csv', 'images'), ...COLUMNS);
  expect([shards.code, shards.stderr]).toEqual([1, expect.stringMatching(/Only a table has columns/)]);
});

it('takes another choice, with what it holds', async () => {
  const other = await embed(tableOf('csv'), '--image-column', 'Picture file', '--caption-column', 'notes');
  const [images, texts] = embeddings(other);
  const [first, second] = embeddings(await embed(usual));
  expect(images).toEqual(first);
  expect(texts).not.toEqual(second);
});
