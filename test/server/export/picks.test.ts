import fc from 'fast-check';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picksPath, readPicks } from '../../../server/export/picks.js';
import { readSubset, writeSubset } from '../../../server/export/subsetDocument.js';
import { ClipcovError } from '../../../server/errors.js';
import { scratchFolder } from '../cli.js';
import { documentOf, exportTo, metadataFile, savePicks, saveSubset } from './subsets.js';

const folder = scratchFolder();

async function refusal(work: Promise<unknown>): Promise<ClipcovError> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ClipcovError);
  return error as ClipcovError;
}

describe('a bare store', () => {
  it('is refused for the CSVs with the reason, and written as jsonl and text', async () => {
    const file = join(folder, 'bare', 'own.clipcov.json');
    const { sha256: picksSha256 } = await savePicks(file, 3, []);
    await writeSubset(file, documentOf(3, { imageRoot: null, kind: 'store', picksSha256 }));
    for (const format of ['openclip-csv', 'cyclip-csv'] as const) {
      const error = await refusal(exportTo(file, format, join(folder, 'bare', 'out.csv')));
      expect(error.code).toBe('export-needs-pairs');
      expect(error.message).toMatch(/names no image for pair 2/);
      expect(error.fix).toMatch(/jsonl or text/);
    }
    const text = join(folder, 'bare', 'out.txt');
    await exportTo(file, 'text', text);
    expect(readFileSync(text, 'utf8')).toBe('2\n1\n0\n');
    await exportTo(file, 'jsonl', join(folder, 'bare', 'out.jsonl'));
    const first = readFileSync(join(folder, 'bare', 'out.jsonl'), 'utf8').split('\n')[0]!;
    expect(JSON.parse(first)).toMatchObject({ id: 2, image_path: null, caption: null, rank: 0 });
  });

  it('that names keys of a tar is no list of files; one that names files is', async () => {
    const keys = await saveSubset(join(folder, 'keys'), [{ image: '000000012', caption: 'c' }], {
      imageRoot: null,
    });
    const error = await refusal(exportTo(keys, 'openclip-csv', join(folder, 'keys', 'out.csv')));
    expect(error.message).toMatch(/'000000012', which is no absolute path/);
    const text = join(folder, 'keys', 'out.txt');
    await exportTo(keys, 'text', text);
    expect(readFileSync(text, 'utf8')).toBe('000000012\n');
    const files = await saveSubset(join(folder, 'files'), [{ image: '/data/1.png', caption: 'c' }], {
      imageRoot: null,
    });
    const csv = join(folder, 'files', 'out.csv');
    await exportTo(files, 'openclip-csv', csv);
    expect(readFileSync(csv, 'utf8')).toBe('filepath\ttitle\n/data/1.png\tc\n');
  });

  it('has its rows for ids, whatever its metadata call an id; some columns may be missing', async () => {
    const file = join(folder, 'foreign', 'own.clipcov.json');
    const one = await metadataFile(join(folder, 'foreign', 'metadata_0.parquet'), [
      { id: "'abc'", key: "'k0'", caption: "'first'" },
      { id: "'abc'", key: "'k1'", caption: "'second'" },
    ]);
    const two = await metadataFile(join(folder, 'foreign', 'metadata_1.parquet'), [
      { image_path: "'/a.png'" },
    ]);
    const { ids } = await savePicks(file, 3, [
      { file: one, firstRow: 0, rows: 2, ownIds: false },
      { file: two, firstRow: 2, rows: 1, ownIds: false },
    ]);
    expect(ids).toEqual([2, 1, 0]);
    const picks = await readPicks(join(dirname(file), 'own.parquet'));
    expect(picks.map(({ id, image, caption }) => [id, image, caption])).toEqual([
      [2, '/a.png', null],
      [1, null, 'second'],
      [0, null, 'first'],
    ]);
  });

  it('whose metadata have other rows than the embeddings is refused: captions would shift', async () => {
    const file = join(folder, 'unequal', 'own.clipcov.json');
    const metadata = await metadataFile(join(folder, 'unequal', 'metadata_0.parquet'), [
      { caption: "'one'" },
      { caption: "'two'" },
      { caption: "'three'" },
    ]);
    for (const rows of [2, 4]) {
      const part = { file: metadata, firstRow: 0, rows, ownIds: false };
      const error = await refusal(savePicks(file, 2, [part]));
      expect(error).toMatchObject({ code: 'store-broken', where: metadata });
      expect(error.message).toMatch(new RegExp(`3 rows, the embeddings beside them ${rows}`));
    }
  });
});

describe('picks', () => {
  it('are read by page, in the order of their rank', async () => {
    const pairs = Array.from({ length: 7 }, (_, i) => ({ image: `${i}.png`, caption: `c${i}` }));
    const file = await saveSubset(join(folder, 'pages'), pairs);
    const parquet = join(dirname(file), 'own.parquet');
    expect((await readPicks(parquet)).map(({ row, id, rank }) => [row, id, rank])).toEqual(
      pairs.map((_, rank) => [6 - rank, 106 - rank, rank]),
    );
    expect((await readPicks(parquet, 2, 3)).map((pick) => pick.rank)).toEqual([2, 3, 4]);
    expect(await readPicks(parquet, 7, 3)).toEqual([]);
  });

  it('lie in folders of any name', async () => {
    // DuckDB reads `*` and `[…]` as patterns and `name=value` as a column of that name.
    for (const name of ['we [1] ird*?', 'id=7', 'rank=3/caption=none', "it's; --"]) {
      const file = await saveSubset(join(folder, name), [{ image: 'a.png', caption: 'own' }]);
      const picks = await readPicks(join(dirname(file), 'own.parquet'));
      expect(picks, name).toMatchObject([{ id: 100, rank: 0, caption: 'own', image: 'a.png' }]);
    }
  });

  it('that are missing or damaged are told as that', async () => {
    const file = await saveSubset(join(folder, 'lost'), [{ image: 'a.png', caption: 'c' }]);
    const parquet = join(dirname(file), 'own.parquet');
    await saveSubset(join(folder, 'lost', 'subsets', 'x'), [{ image: 'b.png', caption: 'c' }]);
    writeFileSync(parquet, readFileSync(parquet).subarray(0, 100));
    expect(await refusal(readPicks(parquet))).toMatchObject({ code: 'picks-unreadable', where: parquet });
    rmSync(parquet);
    expect(await refusal(exportTo(file, 'text', join(folder, 'out.txt')))).toMatchObject({
      code: 'picks-missing',
      where: parquet,
    });
    // A name that is a pattern does not find the files that match it.
    expect(await refusal(readPicks(join(dirname(file), '*', 'subsets', '*.parquet')))).toMatchObject({
      code: 'picks-missing',
    });
  });
});

describe('a subset document', () => {
  const good = JSON.stringify(documentOf(1));
  const changed = (changes: Record<string, unknown>): string =>
    JSON.stringify({ ...documentOf(1), ...changes });
  const cases: [string, string, RegExp][] = [
    ['truncated', good.slice(0, good.length / 2), /JSON/],
    ['empty', '', /JSON/],
    ['an array', '[]', /expected object/],
    ['of a format that there never was', changed({ schema: 0 }), /expected 1/],
    ['without a schema', JSON.stringify({ picks: 1 }), /expected 1/],
    ['with a number of picks below 0', changed({ picks: -1 }), /Too small/],
    ['with picks in another folder', changed({ picksFile: '../own.parquet' }), /Invalid string/],
    ['with an absolute path to picks', changed({ picksFile: '/etc/own.parquet' }), /Invalid string/],
    ['with a path of Windows to picks', changed({ picksFile: '..\\own.parquet' }), /Invalid string/],
    ['with picks in no Parquet file', changed({ picksFile: '..' }), /Invalid string/],
    [
      'of an unknown method',
      changed({ parameters: { ...documentOf(1).parameters, method: 'best' } }),
      /is no method/,
    ],
  ];
  for (const [name, text, reason] of cases)
    it(`that is ${name} is refused with its path and the reason`, async () => {
      const file = join(folder, 'bad.clipcov.json');
      writeFileSync(file, text);
      const error = await refusal(readSubset(file));
      expect(error).toMatchObject({ code: 'subset-unreadable', where: file });
      expect(error.message).toMatch(/^The file is not a ClipCov subset: /);
      expect(error.message).toMatch(reason);
      expect(error.message).not.toMatch(/\n/);
    });

  it('that is not there is told as that', async () => {
    const file = join(folder, 'nowhere.clipcov.json');
    expect(await refusal(readSubset(file))).toMatchObject({ code: 'subset-missing', where: file });
  });

  it('is read as it was written, numbers that no measure has included', async () => {
    const file = join(folder, 'round.clipcov.json');
    const evaluation = {
      note: null,
      measures: [{ name: 'm', label: 'M', better: 'neither' as const, meaning: 'x' }],
      columns: [{ name: 'own', pairs: 1, seeds: 1, values: { m: null, n: { mean: 0.1 + 0.2, sd: 1e-300 } } }],
    };
    const document = documentOf(1, { evaluation });
    await writeSubset(file, document);
    expect(await readSubset(file)).toEqual(document);
  });

  it('never leads to picks outside its folder', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '/', 'a', '.parquet', '.'), { minLength: 1 }), (parts) => {
        const path = picksPath('/data/subsets/own.clipcov.json', { picksFile: parts.join('') });
        if (path.endsWith('.parquet')) expect(dirname(path)).toBe('/data/subsets');
      }),
      { numRuns: 300 },
    );
  });
});
