import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClusterRun } from '../../server/cluster/run.js';
import { readSettings } from '../../server/cluster/settings.js';
import { Catalogue } from '../../server/dataset/catalogue.js';
import { chosenColumns, columnsDocument, columnsFile } from '../../server/dataset/chosenColumns.js';
import { Database } from '../../server/dataset/database.js';
import { openSource, type DatasetSource } from '../../server/dataset/source.js';
import { openStore } from '../../server/embeddings/store.js';
import { checkPicks, picksPath, readPicks } from '../../server/export/picks.js';
import { readSubset } from '../../server/export/subsetDocument.js';
import { reportFile, rowsOfFindings } from '../../server/jobs/keptReport.js';
import { requests } from '../../server/protocol/contract.js';
import { scratchFolder } from '../server/cli.js';
import { contents, embed, loadTools, type Tools } from '../server/embeddings/embedding.js';

/** What each format once was, as that version wrote it: never to be made again. */
const FORMATS = fileURLToPath(new URL('./formats/', import.meta.url));
const scratch = scratchFolder();
let copies = 0;
let dataset: string;
let home: string;
let store: string;
let tools: Tools;

beforeAll(async () => {
  tools = await loadTools();
});
afterAll(() => tools.encoder.release());

function copyOf(version: string): void {
  dataset = join(scratch, String(++copies));
  cpSync(join(FORMATS, version), dataset, { recursive: true });
  renameSync(join(dataset, 'stored'), join(dataset, '.clipcov'));
  home = join(dataset, '.clipcov', 'pairs.csv');
  store = join(
    home,
    readdirSync(home).find((name) => name.startsWith('icon-clip-'))!,
  );
}

/** Changes a document as a version to come might. */
function ofVersion(file: string, schema: number): void {
  const document = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...document, schema, more: 'than this version knows' }));
}

describe.each(readdirSync(FORMATS))('what was stored in format %s', (version) => {
  beforeEach(() => copyOf(version));

  it('is read: a subset with its picks and measures', async () => {
    const file = join(dataset, 'subsets', 'clipcov-3.clipcov.json');
    const document = await readSubset(file);
    await checkPicks(file, document);
    expect(document).toMatchObject({ picks: 3, dataset: { pairs: 7, valid: 6 }, skipped: { total: 1 } });
    expect(document.evaluation!.columns.length).toBeGreaterThan(2);
    const picks = await readPicks(picksPath(file, document));
    expect(picks.map(({ rank }) => rank)).toEqual([0, 1, 2]);
  });

  it('is read: a store, of which nothing is embedded again', async () => {
    const before = contents(store);
    const again = await embed(join(dataset, 'pairs.csv'), home, tools);
    expect(again).toMatchObject({ pairs: 7, imagesEncoded: 0, captionsEncoded: 0 });
    expect(contents(store)).toEqual(before);
  });

  it('is read: a report, whose findings can be left out', async () => {
    const { dataset: of } = JSON.parse(readFileSync(reportFile(home), 'utf8')) as {
      dataset: { fingerprint: string };
    };
    await expect(rowsOfFindings(home, ['unreadable'], of.fingerprint)).resolves.toBeInstanceOf(Int32Array);
  });
});

describe('what a newer version wrote', () => {
  const refused = (what: string): object => ({
    code: 'format-newer',
    message: `${what} was written by a newer version of ClipCov: its format is 7, and this version reads up to 1.`,
    fix: expect.stringMatching(/^Update ClipCov, or /) as string,
  });
  beforeEach(() => copyOf('1'));

  it('is refused by its number: a store, and nothing in it is touched', async () => {
    ofVersion(join(store, 'plan.json'), 7);
    const before = contents(store);
    expect(() => openStore(store)).toThrow(expect.objectContaining(refused('The embedding store')));
    await expect(embed(join(dataset, 'pairs.csv'), home, tools)).rejects.toMatchObject(
      refused('The embedding store'),
    );
    expect(contents(store)).toEqual(before);
  });

  it('is refused by its number: a subset', async () => {
    const file = join(dataset, 'subsets', 'clipcov-3.clipcov.json');
    ofVersion(file, 7);
    await expect(readSubset(file)).rejects.toMatchObject({ ...refused('The subset'), where: file });
  });

  it('is refused by its number: a report', async () => {
    ofVersion(reportFile(home), 7);
    await expect(rowsOfFindings(home, ['unreadable'], '')).rejects.toMatchObject(
      refused('The dataset report'),
    );
  });

  it('is refused by its number: the choice of columns', () => {
    writeFileSync(columnsFile(home), columnsDocument({ image: 'image', caption: 'caption' }));
    ofVersion(columnsFile(home), 7);
    expect(() => chosenColumns(home)).toThrow(expect.objectContaining(refused('The choice of columns')));
  });

  it('is refused by its number: the run of a cluster; a damaged one says so', async () => {
    const run = await ClusterRun.create(home, {
      schema: 1,
      cwd: dataset,
      params: requests.select.parse({ source: dataset, budget: '3' }),
      shards: 1,
      skipped: [],
      settings: readSettings(dataset, {}),
      round: 0,
    });
    ofVersion(run.path('run.json'), 7);
    expect(() => ClusterRun.latest(home)).toThrow(expect.objectContaining(refused('The run of a cluster')));
    writeFileSync(run.path('run.json'), '{');
    expect(() => ClusterRun.latest(home)).toThrow('The record of the run cannot be read.');
  });
});

describe('a catalogue', () => {
  const open = async (): Promise<number> => {
    const catalogue = await Catalogue.open(home);
    try {
      const source = (await openSource(join(dataset, 'pairs.csv'))) as DatasetSource;
      return await catalogue.load(source, async () => undefined);
    } finally {
      catalogue.close();
    }
  };
  const file = (): string => join(home, 'catalogue.duckdb');
  beforeEach(() => copyOf('1'));

  it('of another version is made again', async () => {
    expect(await open()).toBe(7);
    const database = await Database.open(file());
    await database.run('UPDATE format SET version = 7');
    await database.run('ALTER TABLE pairs DROP COLUMN sha256');
    database.close();
    expect(await open()).toBe(7);
  });

  it('that is damaged is made again, at the latest by the next run', async () => {
    expect(await open()).toBe(7);
    const sound = readFileSync(file());
    for (let at = 100; at < sound.length; at += 260_000) {
      const bytes = Buffer.from(sound);
      bytes.fill(0x5a, at, at + 3_000);
      writeFileSync(file(), bytes);
      const found = await open().catch((error: unknown) => error);
      if (found !== 7) expect(found).toMatchObject({ code: 'catalogue-damaged', where: file() });
      expect(await open()).toBe(7);
    }
    for (const length of [0, 300_000]) {
      writeFileSync(file(), sound.subarray(0, length));
      await open().catch((error: unknown) => expect(error).toMatchObject({ code: 'catalogue-damaged' }));
      expect(await open()).toBe(7);
    }
    writeFileSync(file(), 'no database at all, but text that is longer than a header would be '.repeat(200));
    expect(await open()).toBe(7);
  });
});
