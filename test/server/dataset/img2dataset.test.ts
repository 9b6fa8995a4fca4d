import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Database, sqlString } from '../../../server/dataset/database.js';
import { openSource } from '../../../server/dataset/source.js';
import { scratchFolder, write } from '../cli.js';
import { embed, loadTools, paint, type Tools } from '../embeddings/embedding.js';
import { tarFile } from './tarFile.js';

/** What img2dataset writes of one shard of five rows: the second failed to download, the fourth has no caption. */
const ROWS = [0, 1, 2, 3, 4].map((i) => ({
  key: `00000000${i}`,
  url: `https://example.org/${i}.jpg`,
  caption: i === 3 ? null : `caption of ${i}`,
  failed: i === 1,
}));
const folder = scratchFolder();
let tools: Tools;
let pictures: Buffer[];
beforeAll(async () => {
  tools = await loadTools();
  pictures = await Promise.all(ROWS.map((_, i) => paint(i)));
});

/** The members of the samples that were fetched: image, `txt` where there is a caption, and all columns as `json`. */
function members(): [name: string, content: Buffer][] {
  return ROWS.flatMap(({ failed, ...row }, i): [string, Buffer][] =>
    failed
      ? []
      : [
          [`${row.key}.jpg`, pictures[i]!],
          ...(row.caption === null ? [] : [[`${row.key}.txt`, Buffer.from(row.caption)] as [string, Buffer]]),
          [`${row.key}.json`, Buffer.from(JSON.stringify({ ...row, status: 'success', exif: '{}' }))],
        ],
  );
}

/** The table and the statistics beside every shard; only the `parquet` layout holds the images themselves. */
async function lay(name: string, images: boolean): Promise<string> {
  const root = join(folder, name);
  await write(join(root, '00000_stats.json'), JSON.stringify({ count: 5, successes: 4, status_dict: {} }));
  const database = await Database.open();
  const values = ROWS.map(({ key, url, caption, failed }, i) => {
    const blob = failed
      ? 'NULL'
      : `'${[...pictures[i]!].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'::BLOB`;
    const status = failed ? `'failed_to_download', '404', NULL` : `'success', NULL, 32`;
    return `(${caption === null ? 'NULL' : sqlString(caption)}, ${sqlString(url)}, ${sqlString(key)}, ${status}${images ? `, ${blob}` : ''})`;
  });
  const columns = `caption, url, key, status, error_message, width${images ? ', jpg' : ''}`;
  await database.run(
    `COPY (SELECT * FROM (VALUES ${values.join()}) t(${columns})) TO ${sqlString(join(root, '00000.parquet'))} (FORMAT parquet)`,
  );
  database.close();
  return root;
}

/** Captions that were embedded, and what was left out with why. */
async function embedded(root: string): Promise<{ captions: string[]; left: string[][] }> {
  const { store } = await embed(root, `${root}-home`, tools);
  const database = await Database.open();
  const rows = await database.all<{ caption: string }>(
    `SELECT caption FROM read_parquet(${sqlString(join(store, 'metadata', 'metadata_0.parquet'))}) ORDER BY id`,
  );
  database.close();
  const lines = readFileSync(join(store, 'skipped', 'skipped_0.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const left = lines.map((line) => JSON.parse(line) as { where: string; reason: string });
  return {
    captions: rows.map(({ caption }) => caption),
    left: left.map(({ where, reason }) => [where, reason]),
  };
}

const CAPTIONS = ['caption of 0', 'caption of 2', 'caption of 4'];
const NO_CAPTION = 'caption is missing or not UTF-8';

describe('what img2dataset writes', () => {
  it('as webdataset: shards, whose tables and statistics are left alone', async () => {
    const root = await lay('webdataset', false);
    writeFileSync(join(root, '00000.tar'), tarFile(members().map(([name, content]) => ({ name, content }))));
    expect(await openSource(root)).toMatchObject({ kind: 'webdataset', files: ['00000.tar'] });
    expect(await embedded(root)).toEqual({
      captions: CAPTIONS,
      left: [['00000.tar/000000003', NO_CAPTION]],
    });
  });

  it('as files: a folder of captioned images', async () => {
    const root = await lay('files', false);
    for (const [name, content] of members()) {
      const file = join(root, '00000', name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    expect(await openSource(root)).toMatchObject({ kind: 'folder', root });
    expect(await embedded(root)).toEqual({ captions: CAPTIONS, left: [['00000/000000003.jpg', NO_CAPTION]] });
  });

  it('as parquet: images in the table, where a row that failed has none', async () => {
    const root = await lay('parquet', true);
    expect(await openSource(root)).toMatchObject({ kind: 'parquet', files: ['00000.parquet'] });
    expect(await embedded(root)).toEqual({
      captions: CAPTIONS,
      left: [
        ['00000.parquet/1', 'the row of the Parquet file holds no image'],
        ['00000.parquet:3', NO_CAPTION],
      ],
    });
  });

  it('as a table beside shards, taken alone: says that the images lie elsewhere', async () => {
    const root = await lay('alone', false);
    const table = join(root, '00000.parquet');
    await expect(embed(table, `${root}-home`, tools)).rejects.toMatchObject({
      code: 'column-missing',
      fix: expect.stringMatching(/folder/),
    });
  });
});
