import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database, sqlString } from '../../../server/dataset/database.js';
import { QUICK } from '../../bench/quickModel.js';
import { makeDataset, runCli, scratchFolder } from '../cli.js';
import { tarFile } from '../dataset/tarFile.js';

const folder = scratchFolder();
const PAIRS = 9;

async function embed(source: string): Promise<string> {
  const { stdout, stderr, code } = await runCli('embed', source, ...QUICK, '--json');
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { store: string }).store;
}

const rowsIn = (store: string): Buffer[] =>
  ['img_emb', 'text_emb'].map((kind) => readFileSync(join(store, kind, `${kind}_0.npy`)));

describe('a dataset in shards', () => {
  const [loose, shards, parquet] = ['loose', 'shards', 'parquet'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];

  it('gives the bytes of the same dataset in files, from tars and from Parquet', async () => {
    await makeDataset(loose, PAIRS);
    const image = (i: number): Buffer => readFileSync(join(loose, 'images', `${i}.png`));
    mkdirSync(shards);
    for (const [shard, from, to] of [
      ['00000.tar', 0, 5],
      ['00001.tar', 5, PAIRS],
    ] as const)
      writeFileSync(
        join(shards, shard),
        tarFile(
          Array.from({ length: to - from }, (_, i) => [
            { name: `${from + i}.png`, content: image(from + i) },
            { name: `${from + i}.txt`, content: `picture number ${from + i}` },
          ]).flat(),
        ),
      );
    mkdirSync(join(parquet, 'data'), { recursive: true });
    const database = await Database.open();
    const rows = Array.from(
      { length: PAIRS },
      (_, i) =>
        `({'bytes': from_hex('${image(i).toString('hex')}'), 'path': '${i}.png'}, 'picture number ${i}')`,
    );
    await database.run(
      `COPY (SELECT * FROM (VALUES ${rows.join(', ')}) t(image, text)) TO ${sqlString(join(parquet, 'data', 'train-0.parquet'))} (FORMAT parquet)`,
    );
    database.close();
    const expected = rowsIn(await embed(loose));
    expect(rowsIn(await embed(shards))).toEqual(expected);
    expect(rowsIn(await embed(parquet))).toEqual(expected);
  });

  it.each(['shards', 'parquet'])('shows its pictures in previews (%s)', async (name) => {
    const source = join(folder, name);
    const { stdout, stderr, code } = await runCli('select', source, '--budget', '4', ...QUICK, '--json');
    expect(code, stderr).toBe(0);
    const { ids, subset } = JSON.parse(stdout) as { ids: number[]; subset: string };
    // Not before the pictures are made: the product lets sharp read no SVG, of which they are.
    const { thumbnails } = await import('../../../server/jobs/pairQueries.js');
    const shown = await thumbnails({ subset, ids, approvedRoots: [], size: 'small' });
    expect(shown).toHaveLength(4);
    for (const { uri, reason } of shown) expect(uri, reason).toMatch(/^data:image\/webp;base64,/);
  });
});
