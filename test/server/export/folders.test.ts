import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Database, sqlString } from '../../../server/dataset/database.js';
import { openStore } from '../../../server/embeddings/store.js';
import { readWebDataset } from '../../../server/dataset/webdataset.js';
import { QUICK, quickModel } from '../../bench/quickModel.js';
import { makeDataset, picture, runCli, scratchFolder } from '../cli.js';
import { collect } from '../dataset/collect.js';
import { tarFile } from '../dataset/tarFile.js';

const folder = scratchFolder();
const PAIRS = 12;
const uid = (i: number): string =>
  (((i * 7919) % 1000) + 16 ** 6).toString(16).padStart(32, i % 2 ? 'f' : '0');

interface Selected {
  subset: string;
  ids: number[];
}
interface Exported {
  rows: number;
  command: string | null;
  warnings: string[];
}

async function json<T>(...args: string[]): Promise<T> {
  const { stdout, stderr, code } = await runCli(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

const select = (source: string): Promise<Selected> =>
  json('select', source, '--budget', '5', '--kmeans', '2', ...QUICK);
const write = (subset: string, format: string, out: string): Promise<Exported> =>
  json('export', subset, '--format', format, '--out', out);

const pictures: Buffer[] = [];
const [loose, shards, parquet, plain] = ['loose', 'shards', 'parquet', 'plain'].map((name) =>
  join(folder, name),
) as [string, string, string, string];
const selected = {} as Record<'loose' | 'shards' | 'parquet' | 'plain', Selected>;

beforeAll(async () => {
  await makeDataset(loose, PAIRS);
  for (let i = 0; i < PAIRS; i++) pictures.push(await picture(i));
  mkdirSync(shards);
  writeFileSync(
    join(shards, 'pool.tar'),
    tarFile(
      pictures.flatMap((content, i) => [
        { name: `sample${i}.png`, content },
        { name: `sample${i}.txt`, content: `picture number ${i}` },
        { name: `sample${i}.json`, content: `{"uid":  "${uid(i)}", "n": ${i}}` },
        { name: `sample${i}.seg.npy`, content: Buffer.of(i, 0, 255) },
      ]),
    ),
  );
  mkdirSync(parquet);
  const database = await Database.open();
  const rows = pictures.map(
    (bytes, i) =>
      `({'bytes': from_hex('${bytes.toString('hex')}'), 'path': NULL}, 'picture number ${i}', ${i}.5)`,
  );
  await database.run(
    `COPY (SELECT * FROM (VALUES ${rows.join(', ')}) t(image, text, score)) TO ${sqlString(join(parquet, 'train.parquet'))} (FORMAT parquet)`,
  );
  database.close();
  mkdirSync(join(plain, 'deep'), { recursive: true });
  pictures.forEach((content, i) => {
    writeFileSync(join(plain, 'deep', `${i}.png`), content);
    writeFileSync(join(plain, 'deep', `${i}.txt`), `picture number ${i}`);
  });
  for (const [name, source] of Object.entries({ loose, shards, parquet, plain }))
    selected[name as keyof typeof selected] = await select(source);
}, 60_000);

/** What the tar program finds in an archive. */
function members(tar: string): Map<string, Buffer> {
  const names = execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).trim().split('\n');
  return new Map(names.map((name) => [name, execFileSync('tar', ['-xOf', tar, name])]));
}

describe('webdataset', () => {
  it.each(['loose', 'shards', 'parquet'] as const)(
    'has image and caption of each pick, in another order (%s)',
    async (name) => {
      const { subset, ids } = selected[name];
      const out = join(folder, 'wds', name);
      const { rows, command, warnings } = await write(subset, 'webdataset', out);
      expect([rows, warnings, readdirSync(out)]).toEqual([5, [], ['00000.tar']]);
      expect(command).toContain(
        `--train-data ${join(out, '00000.tar')} --dataset-type webdataset --train-num-samples 5 `,
      );
      const samples = await collect(readWebDataset(out, ['00000.tar']));
      const keys = samples.map(({ image }) => Number(/(\d{9})\.png$/.exec(image!)![1]));
      expect([...keys].sort()).toEqual([...ids].sort());
      samples.forEach(({ caption }, i) => expect(caption).toBe(`picture number ${keys[i]!}`));
      const found = members(join(out, '00000.tar'));
      for (const id of ids) {
        const key = String(id).padStart(9, '0');
        expect(found.get(`${key}.png`)).toEqual(pictures[id]);
        if (name !== 'shards') continue;
        // All members of a sample, byte for byte.
        expect(found.get(`${key}.json`)!.toString()).toBe(`{"uid":  "${uid(id)}", "n": ${id}}`);
        expect(found.get(`${key}.seg.npy`)).toEqual(Buffer.of(id, 0, 255));
      }
      expect(found.size).toBe(5 * (name === 'shards' ? 4 : 2));
    },
  );

  it('is the same bytes each time, leaves out what has gone, and never mixes with other files', async () => {
    const { subset } = selected.loose;
    const [one, two] = [join(folder, 'again-1'), join(folder, 'again-2')];
    await write(subset, 'webdataset', one);
    await write(subset, 'webdataset', two);
    expect(readFileSync(join(one, '00000.tar'))).toEqual(readFileSync(join(two, '00000.tar')));
    const refused = await runCli('export', subset, '--format', 'webdataset', '--out', one);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/not empty.*not there yet/s)]);
    const copy = join(folder, 'gone');
    await makeDataset(copy, PAIRS);
    const gone = await select(copy);
    rmSync(join(copy, 'images', `${gone.ids[0]}.png`));
    const { rows, warnings } = await write(gone.subset, 'webdataset', join(folder, 'gone-out'));
    expect([rows, warnings]).toEqual([
      4,
      [expect.stringContaining(`images/${gone.ids[0]}.png (id ${gone.ids[0]})`)],
    ]);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('datacomp', () => {
  it('is a sorted array of pairs of u8, one a sample, as the resharder reads it', async () => {
    const out = join(folder, 'subset.npy');
    const { rows, command } = await write(selected.shards.subset, 'datacomp', out);
    expect(rows).toBe(5);
    expect(command).toBe(`python resharder.py -i DOWNLOADED_SHARDS -o SUBSET_SHARDS -s ${out}`);
    const bytes = readFileSync(out);
    const length = bytes.readUInt16LE(8);
    expect(bytes.toString('latin1', 10, 10 + length)).toMatch(
      /^\{'descr': \[\('f0', '<u8'\), \('f1', '<u8'\)\], 'fortran_order': False, 'shape': \(5,\), \} *\n$/,
    );
    const data = bytes.subarray(10 + length);
    const found = Array.from(
      { length: data.length / 16 },
      (_, i) =>
        data
          .readBigUInt64LE(16 * i)
          .toString(16)
          .padStart(16, '0') +
        data
          .readBigUInt64LE(16 * i + 8)
          .toString(16)
          .padStart(16, '0'),
    );
    expect(found).toEqual(selected.shards.ids.map(uid).sort());
  });

  it('is refused where there are no uids', async () => {
    const { code, stderr } = await runCli(
      'export',
      selected.loose.subset,
      '--format',
      'datacomp',
      '--out',
      'x.npy',
    );
    expect([code, stderr]).toEqual([1, expect.stringMatching(/gives none for pair/)]);
    expect(existsSync('x.npy')).toBe(false);
  });
});

describe('the source’s own format', () => {
  const ascending = (ids: number[]): number[] => [...ids].sort((a, b) => a - b);

  it('keeps the lines of a table byte for byte', async () => {
    const { subset, ids } = selected.loose;
    const out = join(loose, 'subsets', 'own.csv');
    const { warnings } = await write(subset, 'source', out);
    const lines = readFileSync(join(loose, 'pairs.csv'), 'utf8').split('\n');
    expect(readFileSync(out, 'utf8')).toBe(
      [lines[0], ...ascending(ids).map((id) => lines[id + 1]), ''].join('\n'),
    );
    expect(warnings).toEqual([expect.stringMatching(/relative to its own folder/)]);
  });

  it('keeps quoted records, line ends inside them, and lines of JSON', async () => {
    for (const [name, content, expected] of [
      [
        'q.tsv',
        'n\timage\tcaption\r\n1\timages/0.png\t"two\r\nlines ""x"""\r\n2\timages/1.png\tb\r\n3\timages/2.png\tc',
        [0, 1, 2].map(
          (i) =>
            ['1\timages/0.png\t"two\r\nlines ""x"""\r\n', '2\timages/1.png\tb\r\n', '3\timages/2.png\tc\n'][
              i
            ]!,
        ),
      ],
      [
        'q.jsonl',
        '{"image": "images/0.png",  "caption": "a"}\n\n{"image":"images/1.png","caption":"b","x":1}\n{"image":"images/2.png","caption":"c"}',
        [
          '{"image": "images/0.png",  "caption": "a"}\n',
          '{"image":"images/1.png","caption":"b","x":1}\n',
          '{"image":"images/2.png","caption":"c"}\n',
        ],
      ],
    ] as const) {
      const table = join(loose, name);
      writeFileSync(table, content);
      const { subset, ids } = await json<Selected>(
        ...['select', table, '--budget', '2', '--kmeans', '1', ...QUICK, '--out', name],
      );
      const out = join(loose, `own-${name}`);
      await write(subset, 'source', out);
      const header = name === 'q.tsv' ? 'n\timage\tcaption\r\n' : '';
      expect(readFileSync(out, 'utf8')).toBe(
        header +
          ascending(ids)
            .map((id) => expected[id])
            .join(''),
      );
    }
  });

  it('keeps all columns of Parquet, files beside images, and shards', async () => {
    const out = join(folder, 'own.parquet');
    await write(selected.parquet.subset, 'source', out);
    const database = await Database.open();
    const rows = await database.all<{ text: string; score: number; bytes: Buffer }>(
      `SELECT text, score, image.bytes AS bytes FROM read_parquet($1)`,
      [out],
    );
    const columns = await database.all<{ column_name: string }>(`DESCRIBE SELECT * FROM read_parquet($1)`, [
      out,
    ]);
    database.close();
    expect(columns.map(({ column_name }) => column_name)).toEqual(['image', 'text', 'score']);
    const ids = ascending(selected.parquet.ids);
    expect(rows.map(({ text }) => text)).toEqual(ids.map((id) => `picture number ${id}`));
    rows.forEach(({ bytes }, i) => expect(bytes).toEqual(pictures[ids[i]!]));
    const copy = join(folder, 'own-plain');
    await write(selected.plain.subset, 'source', copy);
    expect(readdirSync(join(copy, 'deep'))).toHaveLength(10);
    await write(selected.shards.subset, 'source', join(folder, 'own-shards'));
    expect(members(join(folder, 'own-shards', '00000.tar')).size).toBe(20);
  });
});

describe('clip-retrieval, imagefolder and parquet', () => {
  it('clip-retrieval: the picks’ rows bit for bit by rank, with what is known of them', async () => {
    const { subset, ids } = selected.loose;
    const out = join(folder, 'embeddings');
    await write(subset, 'clip-retrieval', out);
    const { rows, dim, parts } = openStore(out);
    expect([rows, dim]).toEqual([5, 256]);
    expect(readdirSync(join(out, 'img_emb'))).toEqual(['img_emb_0.npy']);
    const stores = join(loose, '.clipcov', 'pairs.csv');
    const from = openStore(
      join(
        stores,
        readdirSync(stores).find((name) => name.startsWith(basename(quickModel())))!,
      ),
    );
    for (const side of ['images', 'texts'] as const) {
      const all = readFileSync(from.parts[0]![side].file).subarray(from.parts[0]![side].dataOffset);
      const found = readFileSync(parts[0]![side].file).subarray(parts[0]![side].dataOffset);
      expect(found).toEqual(Buffer.concat(ids.map((id) => all.subarray(2 * dim * id, 2 * dim * (id + 1)))));
    }
    const again = await json<{ picks: number[] }>('select', out, '--budget', '5', '--kmeans', '1', ...QUICK);
    expect([...again.picks].sort()).toEqual([0, 1, 2, 3, 4]);
    const database = await Database.open();
    expect(
      await database.all('SELECT id, image_path, caption, rank FROM read_parquet($1)', [parts[0]!.metadata!]),
    ).toEqual(
      ids.map((id, rank) => ({ id, image_path: `images/${id}.png`, caption: `picture number ${id}`, rank })),
    );
    const file = join(folder, 'picks.parquet');
    await write(subset, 'parquet', file);
    const [columns] = [
      await database.all<{ column_name: string }>('DESCRIBE SELECT * FROM read_parquet($1)', [file]),
    ];
    expect(columns.map(({ column_name }) => column_name)).toEqual([
      'id',
      'rank',
      'gain',
      'latent_class',
      'clip_score',
      'image_path',
      'caption',
    ]);
    database.close();
  });

  it.each(['loose', 'shards', 'parquet'] as const)(
    'imagefolder: metadata.jsonl beside the images (%s)',
    async (name) => {
      const { subset, ids } = selected[name];
      const out = join(folder, 'hf', name);
      await write(subset, 'imagefolder', out);
      const lines = readFileSync(join(out, 'metadata.jsonl'), 'utf8').trim().split('\n');
      const rows = lines.map((line) => JSON.parse(line) as { file_name: string; text: string; rank: number });
      expect(rows.map(({ text, rank }) => [text, rank])).toEqual(
        ids.map((id, rank) => [`picture number ${id}`, rank]),
      );
      rows.forEach(({ file_name }, i) =>
        expect(readFileSync(join(out, file_name))).toEqual(pictures[ids[i]!]),
      );
    },
  );

  it('tables that name files refuse what lies in shards, and say what to take instead', async () => {
    const { code, stderr } = await runCli(
      ...['export', selected.shards.subset, '--format', 'openclip-csv', '--out', join(folder, 'no.csv')],
    );
    expect([code, stderr]).toEqual([1, expect.stringMatching(/inside a shard.*webdataset/s)]);
  });
});
