import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../../server/dataset/database.js';
import { embeddedModelFolder } from '../../../server/embeddings/model.js';
import { partPaths, readPart } from '../../../server/embeddings/partFiles.js';
import { openStore } from '../../../server/embeddings/store.js';
import { quickModel } from '../../bench/quickModel.js';
import { scratchFolder, write } from '../cli.js';
import { contents, embed, loadTools, paint, type Tools } from './embedding.js';
import { between } from '../selection/between.js';

const folder = scratchFolder();
let tools: Tools;
let pictures: Buffer[];
beforeAll(async () => {
  tools = await loadTools(quickModel());
  pictures = await Promise.all(Array.from({ length: 30 }, (_, i) => paint(i)));
});
afterAll(() => tools.encoder.release());

/** A row of the table: the file it names, what the file holds (a picture, nothing, or rubbish), and the caption. */
interface Row {
  name: string;
  holds: number | 'missing' | 'damaged';
  caption: string;
}

const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}.png`, holds: i, caption: `caption ${i}` }));

/** Makes the dataset's folder hold exactly these rows; files that stay the same are not touched. */
function lay(dataset: string, rows: Row[], before: Row[] = []): string {
  mkdirSync(join(dataset, 'images'), { recursive: true });
  const held = new Map(before.map((row) => [row.name, row.holds]));
  for (const { name, holds } of rows) {
    const file = join(dataset, 'images', name);
    if (held.get(name) === holds) continue;
    if (holds === 'missing') rmSync(file, { force: true });
    else writeFileSync(file, holds === 'damaged' ? pictures[0]!.subarray(0, 60) : pictures[holds]!);
    held.set(name, holds);
  }
  const table = join(dataset, 'pairs.csv');
  writeFileSync(table, `image,caption\n${rows.map((row) => `images/${row.name},${row.caption}\n`).join('')}`);
  return table;
}

const usable = (rows: Row[]): Row[] => rows.filter((row) => typeof row.holds === 'number');
/** Values of some rows that no earlier row had: what there is to encode. */
function fresh(key: 'holds' | 'caption', rows: Row[], before: Row[]): number {
  const known = new Set(usable(before).map((row) => row[key]));
  return new Set(
    usable(rows)
      .map((row) => row[key])
      .filter((value) => !known.has(value)),
  ).size;
}

let made = 0;
/** Embeds, changes the dataset, embeds again: counts what was encoded and compares with a store made from nothing. */
async function change(
  before: Row[],
  after: Row[],
): Promise<{ imagesEncoded: number; captionsEncoded: number }> {
  const dataset = join(folder, `${++made}`);
  const home = join(dataset, '.clipcov');
  const first = await embed(lay(dataset, before), home, tools);
  expect(first.imagesEncoded).toBe(fresh('holds', before, []));
  expect(first.captionsEncoded).toBe(fresh('caption', before, []));
  const second = await embed(lay(dataset, after, before), home, tools);
  const anew = await embed(join(dataset, 'pairs.csv'), join(dataset, '.anew'), tools);
  expect(contents(second.store)).toEqual(contents(anew.store));
  expect(second.pairs).toBe(after.length);
  return { imagesEncoded: second.imagesEncoded, captionsEncoded: second.captionsEncoded };
}

describe('embedding again after a change', () => {
  const set = (rows: Row[], at: number, to: Partial<Row>): Row[] =>
    rows.map((row, i) => (i === at ? { ...row, ...to } : row));
  const cases: [string, (rows: Row[]) => Row[], number, number][] = [
    ['nothing', (rows) => rows, 0, 0],
    ['one image', (rows) => set(rows, 3, { holds: 20 }), 1, 0],
    ['one caption', (rows) => set(rows, 3, { caption: 'another' }), 0, 1],
    ['a caption to one that is there', (rows) => set(rows, 3, { caption: 'caption 5' }), 0, 0],
    ['a line at the top', (rows) => [{ name: 'new.png', holds: 21, caption: 'new' }, ...rows], 1, 1],
    ['a line at the top that repeats another', (rows) => [rows[4]!, ...rows], 0, 0],
    ['a line less', (rows) => rows.filter((_, i) => i !== 2), 0, 0],
    ['a line at the end', (rows) => [...rows, { name: 'new.png', holds: 22, caption: 'caption 1' }], 1, 0],
    ['the name of an image', (rows) => set(rows, 3, { name: 'renamed.png' }), 0, 0],
    ['the order', (rows) => rows.toReversed(), 0, 0],
    ['an image that got lost', (rows) => set(rows, 3, { holds: 'missing' }), 0, 0],
    ['an image that broke', (rows) => set(rows, 3, { holds: 'damaged' }), 0, 0],
    ['an image that was mended', (rows) => set(rows, 6, { holds: 23 }), 1, 1],
    ['an image that came back', (rows) => set(rows, 7, { holds: 0 }), 0, 1],
  ];
  for (const [name, edit, images, captions] of cases)
    it(`encodes what is new and ends in the bytes of a run from nothing: ${name}`, async () => {
      const rows = set(set(rowsOf(9), 6, { holds: 'damaged' }), 7, { holds: 'missing' });
      expect(await change(rows, edit(rows))).toEqual({ imagesEncoded: images, captionsEncoded: captions });
    });

  it('whatever the change was', async () => {
    const row = fc.record({
      name: fc.integer({ min: 0, max: 9 }).map((i) => `${i}.png`),
      holds: fc.oneof(
        { weight: 8, arbitrary: fc.nat(29) },
        fc.constantFrom('missing' as const, 'damaged' as const),
      ),
      caption: fc.integer({ min: 0, max: 12 }).map((i) => `caption ${i}`),
    });
    // A file holds one thing, whichever row names it.
    const agreed = fc.array(row, { minLength: 1, maxLength: 14 }).map((rows): Row[] => {
      const holds = new Map(rows.map((one) => [one.name, one.holds]));
      return rows.map((one) => ({ ...one, holds: holds.get(one.name)! }));
    });
    await fc.assert(
      fc.asyncProperty(agreed, agreed, async (before, after) => {
        expect(await change(before, after)).toEqual({
          imagesEncoded: fresh('holds', after, before),
          captionsEncoded: fresh('caption', after, before),
        });
      }),
      { numRuns: 6 },
    );
  });

  it('encodes nothing where rows only move from one part to the next, or the last part goes', async () => {
    const many = Array.from({ length: 1026 }, (_, i) => ({
      name: `${i % 12}.png`,
      holds: i % 12,
      caption: `caption ${i % 17}`,
    }));
    const nothing = { imagesEncoded: 0, captionsEncoded: 0 };
    // The first store has two parts; each encodes what it holds itself.
    const dataset = join(folder, 'parts');
    const [home, anew] = [join(dataset, '.clipcov'), join(dataset, '.anew')];
    await embed(lay(dataset, many), home, tools);
    let before = many;
    for (const [after, encoded] of [
      [[many[5]!, ...many], nothing],
      [[{ name: 'new.png', holds: 25, caption: 'new' }, ...many], { imagesEncoded: 1, captionsEncoded: 1 }],
      [many.slice(10), nothing],
      [many, nothing],
    ] as const) {
      const again = await embed(lay(dataset, [...after], before), home, tools);
      expect(again).toMatchObject(encoded);
      rmSync(anew, { recursive: true, force: true });
      expect(contents(again.store)).toEqual(contents((await embed(dataset, anew, tools)).store));
      expect(openStore(again.store).parts).toHaveLength(Math.ceil(after.length / 1024));
      before = [...after];
    }
  });

  it('encodes nothing when the catalogue is deleted, and reads what it must', async () => {
    const dataset = join(folder, 'catalogue');
    const home = join(dataset, '.clipcov');
    const table = lay(dataset, rowsOf(5));
    const first = await embed(table, home, tools);
    const bytes = contents(first.store);
    rmSync(join(home, 'catalogue.duckdb'));
    expect(await embed(table, home, tools)).toMatchObject({ imagesEncoded: 0, captionsEncoded: 0 });
    expect(contents(first.store)).toEqual(bytes);
  });

  it('makes another store for another model and leaves the first one alone', async () => {
    const dataset = join(folder, 'models');
    const home = join(dataset, '.clipcov');
    const table = lay(dataset, rowsOf(4));
    const first = await embed(table, home, tools);
    const bytes = contents(first.store);
    const changed = join(folder, 'icon-clip');
    cpSync(embeddedModelFolder(), changed, { recursive: true });
    const config = join(changed, 'preprocessor_config.json');
    await write(
      config,
      JSON.stringify({ size: 64, crop_size: 64, image_mean: [0, 0, 0], image_std: [1, 1, 1] }),
    );
    const others = await loadTools(changed);
    const second = await embed(table, home, others);
    await others.encoder.release();
    expect(second).toMatchObject({ imagesEncoded: 4, captionsEncoded: 4 });
    expect(second.store).not.toBe(first.store);
    expect(contents(first.store)).toEqual(bytes);
    const different = openStore(second.store);
    expect(different.plan?.model.fingerprint).not.toBe(openStore(first.store).plan?.model.fingerprint);
  });

  // The list of skipped rows says where each stands: it must not keep the name of a table or image that is gone.
  it('ends in the bytes of a run from nothing when only the place of a bad row changes', async () => {
    const dataset = join(folder, 'places');
    const home = join(dataset, '.clipcov');
    const table = lay(dataset, [...rowsOf(2), { name: 'gone.png', holds: 'missing', caption: 'x' }]);
    writeFileSync(table, 'image,caption\nimages/0.png,a\nimages/1.png,\nimages/gone.png,c\n');
    const first = await embed(table, home, tools);
    renameSync(table, join(dataset, 'renamed.csv'));
    writeFileSync(
      join(dataset, 'renamed.csv'),
      'image,caption\nimages/0.png,a\nimages/1.png,\nimages/lost.png,c\n',
    );
    await embed(dataset, home, tools);
    const anew = await embed(dataset, join(dataset, '.anew'), tools);
    expect(contents(first.store)).toEqual(contents(anew.store));
  });

  it('keeps what it knows of images that cannot be reached for a while', async () => {
    const dataset = join(folder, 'unmounted');
    const home = join(dataset, '.clipcov');
    const table = lay(dataset, rowsOf(6));
    const bytes = contents((await embed(table, home, tools)).store);
    renameSync(join(dataset, 'images'), join(dataset, 'away'));
    for (let run = 0; run < 2; run++)
      expect(await embed(table, home, tools)).toMatchObject({ imagesEncoded: 0, captionsEncoded: 0 });
    renameSync(join(dataset, 'away'), join(dataset, 'images'));
    const back = await embed(table, home, tools);
    expect(back).toMatchObject({ imagesEncoded: 0, captionsEncoded: 0 });
    expect(contents(back.store)).toEqual(bytes);
    expect(existsSync(`${back.store}.previous`)).toBe(false);
  });

  it('keeps what it knows of a folder that cannot be listed for a while', async () => {
    const dataset = join(folder, 'unlisted');
    const home = join(dataset, '.clipcov');
    const sub = join(dataset, 'sub');
    mkdirSync(sub, { recursive: true });
    for (const [i, picture] of pictures.slice(0, 5).entries()) {
      const below = i < 2 ? dataset : sub;
      writeFileSync(join(below, `${i}.png`), picture);
      writeFileSync(join(below, `${i}.txt`), `caption ${i}`);
    }
    const first = await embed(dataset, home, tools);
    const bytes = contents(first.store);
    renameSync(sub, join(folder, 'sub-away'));
    // Permissions say nothing to root; a path that the system finds too long is refused to anybody.
    mkdirSync(sub);
    const deep = 'for i in $(seq 20); do mkdir "$1" && cd "$1" || break; done 2>&-';
    execFileSync('sh', ['-c', deep, 'sh', 's'.repeat(250)], { cwd: sub });
    try {
      expect(await embed(dataset, home, tools)).toMatchObject({ pairs: 3, imagesEncoded: 0 });
    } finally {
      execFileSync('rm', ['-rf', sub]);
    }
    renameSync(join(folder, 'sub-away'), sub);
    const back = await embed(dataset, home, tools);
    expect(back).toMatchObject({ pairs: 5, imagesEncoded: 0, captionsEncoded: 0 });
    expect(contents(back.store)).toEqual(bytes);
  });

  it('never takes the embeddings of one row for those of another, wherever a part was stopped on its way out', async () => {
    const rows = rowsOf(4);
    for (const moved of [[], ['metadata'], ['metadata', 'images'], ['metadata', 'images', 'texts']]) {
      const dataset = join(folder, `stopped-${moved.length}`);
      const home = join(dataset, '.clipcov');
      const { store } = await embed(lay(dataset, rows), home, tools);
      const aside = join(`${store}.previous`, '0');
      mkdirSync(aside, { recursive: true });
      const at = {
        metadata: 'metadata/metadata_0.parquet',
        images: 'img_emb/img_emb_0.npy',
        texts: 'text_emb/text_emb_0.npy',
      };
      for (const kind of moved as (keyof typeof at)[])
        renameSync(
          join(store, at[kind]),
          join(aside, kind === 'metadata' ? 'metadata.parquet' : `${kind}.npy`),
        );
      const table = lay(dataset, [...rows.slice(1), { name: 'new.png', holds: 20, caption: 'new' }], rows);
      await embed(table, home, tools);
      expect(contents(store)).toEqual(contents((await embed(table, join(dataset, '.anew'), tools)).store));
    }
  });

  it('makes a part again whose files are damaged, and ends in the same bytes', async () => {
    const dataset = join(folder, 'damaged');
    const home = join(dataset, '.clipcov');
    const table = lay(dataset, set(set(rowsOf(5), 1, { holds: 'damaged' }), 3, { holds: 'damaged' }));
    const { store } = await embed(table, home, tools);
    const bytes = contents(store);
    for (const file of [
      'img_emb/img_emb_0.npy',
      'text_emb/text_emb_0.npy',
      'metadata/metadata_0.parquet',
      'skipped/skipped_0.jsonl',
    ]) {
      truncateSync(join(store, file), 70);
      await embed(table, home, tools);
      expect(contents(store)).toEqual(bytes);
    }
  });

  it('finds flipped bytes in any file of a part, and makes again what they spoil', async () => {
    const dataset = join(folder, 'flipped');
    const home = join(dataset, '.clipcov');
    const table = lay(dataset, set(rowsOf(5), 3, { holds: 'damaged' }));
    const { store } = await embed(table, home, tools);
    const paths = partPaths(store, 0, 1);
    const database = await Database.open();
    /** What the part says: where a flipped byte of Parquet says nothing, the file may stay as it is. */
    const said = async (): Promise<unknown> => [
      await readPart(paths, database),
      readFileSync(paths.images),
      readFileSync(paths.texts),
    ];
    const whole = await said();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.values(paths)),
        between(0, 1),
        fc.integer({ min: 1, max: 255 }),
        async (file, place, mask) => {
          const bytes = readFileSync(file);
          bytes[Math.floor(place * bytes.length)]! ^= mask;
          writeFileSync(file, bytes);
          await embed(table, home, tools);
          expect(await said()).toEqual(whole);
        },
      ),
      { numRuns: 30, seed: 7 },
    );
    database.close();
  });
});
