import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Database } from '../../server/dataset/database.js';
import { openNpy, readNpyRows } from '../../server/embeddings/npy.js';
import { partPaths, partRows, type PartRow } from '../../server/embeddings/partFiles.js';
import { runCli, scratchFolder, startCli } from '../server/cli.js';
import { paint } from '../server/embeddings/embedding.js';
import { contentsOf } from './contents.js';

const scratch = scratchFolder();
/** Two parts: the first, of images that repeat, is written when everything changes; the second is under way. */
const [ROWS, FIRST, REPEATED, PARTS] = [1300, 1024, 100, 2];
const OPTIONS = ['--device', 'cpu', '--json'];

interface Embedded {
  store: string;
  imagesEncoded: number;
  captionsEncoded: number;
}

async function embed(dataset: string): Promise<Embedded> {
  const { code, stdout, stderr } = await runCli('embed', dataset, ...OPTIONS);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Embedded;
}

it('images and a table that change while they are embedded never give a row what is not its own', async () => {
  const [dataset, fresh] = [join(scratch, 'changing', 'icons'), join(scratch, 'fresh', 'icons')];
  const table = await paintDataset(dataset);
  const before = hashes(dataset, table);

  const home = join(dataset, '.clipcov', 'pairs.csv');
  const { ended } = startCli(['embed', dataset, ...OPTIONS]);
  const store = await Promise.race([firstPart(home), ended.then(() => null)]);
  await change(dataset, table);
  const { code, stdout, stderr } = await ended;
  expect(code, stderr).toBe(0);
  expect((JSON.parse(stdout) as Embedded).store).toBe(store);
  const written = await rowsOf(store!);

  // The run that follows finds what has changed, and comes to what one comes to that begins with it.
  cpSync(dataset, fresh, { recursive: true });
  rmSync(join(fresh, '.clipcov'), { recursive: true });
  const [again, anew] = [await embed(dataset), await embed(fresh)];
  expect(again.imagesEncoded).toBeGreaterThan(0);
  expect(again.imagesEncoded).toBeLessThan(anew.imagesEncoded);
  expect(stored(dataset)).toEqual(stored(fresh));

  // The rows that the disturbed run wrote are those of the table that it read, each with an embedding of the content it names.
  const after = hashes(fresh, readFileSync(join(fresh, 'pairs.csv'), 'utf8'));
  const embeddings = new Map((await rowsOf(anew.store)).map(({ row, image }) => [row.image_sha256, image]));
  const lines = table.trimEnd().split('\n').slice(1);
  let compared = 0;
  for (const { row, image } of written) {
    expect(lines[row.id]!.startsWith(`${row.image_path},`)).toBe(true);
    expect([before.get(row.image_path), after.get(row.image_path)]).toContain(row.image_sha256);
    const expected = embeddings.get(row.image_sha256);
    if (expected === undefined) continue;
    expect(image).toEqual(expected);
    compared++;
  }
  expect(compared).toBeGreaterThan(600);
}, 120_000);

async function paintDataset(dataset: string): Promise<string> {
  mkdirSync(dataset, { recursive: true });
  const lines = ['image,caption'];
  for (let row = 0; row < ROWS; row++) {
    const image = row < FIRST ? row % REPEATED : REPEATED + row - FIRST;
    if (row < REPEATED || row >= FIRST) writeFileSync(join(dataset, `${image}.png`), await paint(image));
    lines.push(`${image}.png,picture ${row % 7} of ${row % 11}`);
  }
  const table = `${lines.join('\n')}\n`;
  writeFileSync(join(dataset, 'pairs.csv'), table);
  return table;
}

/** Images of both parts painted anew, removed and cut short; rows gone, with other captions, and added. */
async function change(dataset: string, table: string): Promise<void> {
  const last = REPEATED + ROWS - FIRST - 1;
  for (let i = 0; i < 40; i++)
    for (const image of [i, last - i, last - 120 - i]) {
      const file = join(dataset, `${image}.png`);
      if (i % 4 === 0) writeFileSync(file, await paint(1_000 + image));
      else if (i % 4 === 1) rmSync(file);
      else if (i % 4 === 2) truncateSync(file, 60);
    }
  const [header, ...rows] = table.trimEnd().split('\n');
  const changed = rows.map((row, i) => (i % 90 === 0 ? `${row} once more` : row));
  writeFileSync(
    join(dataset, 'pairs.csv'),
    `${[header, ...changed.slice(7), ...rows.slice(600, 620)].join('\n')}\n`,
  );
}

/** All but what is known of images that are gone, which is kept for the day when they are back. */
function stored(dataset: string): object {
  const files = [...contentsOf(dataset)].filter(([name]) => !name.includes('.previous/'));
  return Object.fromEntries(files);
}

/** The store, once its first part is there. */
async function firstPart(home: string): Promise<string> {
  for (;;) {
    const store = existsSync(home)
      ? readdirSync(home).find((name) => name.startsWith('icon-clip-'))
      : undefined;
    if (store !== undefined && existsSync(partPaths(join(home, store), 0, PARTS).metadata))
      return join(home, store);
    await pause(5);
  }
}

/** Content hashes of the images that a table names, by the path that it gives them. */
function hashes(dataset: string, table: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of table.trimEnd().split('\n').slice(1)) {
    const image = line.slice(0, line.indexOf(','));
    const file = join(dataset, image);
    if (existsSync(file)) found.set(image, createHash('sha256').update(readFileSync(file)).digest('hex'));
  }
  return found;
}

/** The rows of a store, each with its image's embedding. */
async function rowsOf(store: string): Promise<{ row: PartRow; image: Float32Array }[]> {
  const database = await Database.open();
  try {
    const found: { row: PartRow; image: Float32Array }[] = [];
    for (let part = 0; part < PARTS; part++) {
      const paths = partPaths(store, part, PARTS);
      const matrix = openNpy(paths.images);
      const values = new Float32Array(matrix.rows * matrix.columns);
      readNpyRows(matrix, 0, values);
      const rows = await partRows(paths, database);
      rows!.forEach((row, i) =>
        found.push({ row, image: values.subarray(i * matrix.columns, (i + 1) * matrix.columns) }),
      );
    }
    return found;
  } finally {
    database.close();
  }
}
