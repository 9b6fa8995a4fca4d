import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogueRow } from '../../../server/dataset/catalogue.js';
import { Database } from '../../../server/dataset/database.js';
import { imageRoots } from '../../../server/dataset/roots.js';
import { openSource } from '../../../server/dataset/source.js';
import {
  embedDataset,
  type EmbedOptions,
  type EmbedResult,
} from '../../../server/embeddings/embedDataset.js';
import type { Encoder } from '../../../server/embeddings/encoder.js';
import { decodeLooked, lookAt } from '../../../server/embeddings/lookedImage.js';
import { partPaths, readSkipped } from '../../../server/embeddings/partFiles.js';
import { decodeImage } from '../../../server/embeddings/pictures.js';
import { PLAN_FILE, readPlan } from '../../../server/embeddings/store.js';
import { Cancelled } from '../../../server/errors.js';
import { quickModel } from '../../bench/quickModel.js';
import { scratchFolder } from '../cli.js';
import { contents, embed, loadTools, paint, type Tools } from './embedding.js';

const folder = scratchFolder();
let tools: Tools;
beforeAll(async () => {
  tools = await loadTools(quickModel());
});
afterAll(() => tools.encoder.release());

const captionOf = (number: number): string => `a word and ${number}`;

async function lay(name: string, rows: number, different = rows): Promise<string> {
  const dataset = join(folder, name);
  mkdirSync(dataset, { recursive: true });
  for (let i = 0; i < different; i++) writeFileSync(join(dataset, `${i}.png`), await paint(i));
  const lines = Array.from({ length: rows }, (_, i) => `${i % different}.png,${captionOf(i % different)}\n`);
  writeFileSync(join(dataset, 'pairs.csv'), `image,caption\n${lines.join('')}`);
  return dataset;
}

/** The encoder with the sizes of the batches that it is given. */
function watched(): { encoder: Encoder; images: number[]; captions: number[] } {
  const [images, captions]: number[][] = [[], []];
  const { encoder } = tools;
  return {
    images: images!,
    captions: captions!,
    encoder: {
      ...encoder,
      images: (pixels) => (images!.push(pixels.length), encoder.images(pixels)),
      texts: (tokens) => (captions!.push(tokens.length), encoder.texts(tokens)),
    },
  };
}

/** Gives the store the plan of a run that found these sizes, and takes what it embedded away. */
function record(store: string, batch: object): void {
  const plan = readPlan(store)!;
  rmSync(store, { recursive: true });
  mkdirSync(store);
  writeFileSync(join(store, PLAN_FILE), JSON.stringify({ ...plan, batch }));
}

function embeddingsIn(store: string): [string, string][] {
  return Object.entries(contents(store)).filter(([name]) => name !== PLAN_FILE);
}

describe('the size of batches', () => {
  it('is taken from the plan and kept there, and changes no byte of the embeddings', async () => {
    const dataset = await lay('sizes', 40);
    const home = join(dataset, '.clipcov');
    const { store } = await embed(dataset, home, tools);
    const bytes = embeddingsIn(store);
    for (const [images, captions] of [
      [3, 5],
      [40, 40],
    ] as const) {
      const batch = { device: 'cpu', images, captions };
      record(store, batch);
      const seen = watched();
      const again = await embed(dataset, home, { ...tools, encoder: seen.encoder });
      expect(again).toMatchObject({ imagesEncoded: 40, captionsEncoded: 40 });
      expect(Math.max(...seen.images)).toBe(images);
      expect(seen.images.slice(0, -1).every((size) => size === images)).toBe(true);
      expect(Math.max(...seen.captions)).toBeLessThanOrEqual(captions);
      expect(readPlan(store)!.batch).toEqual(batch);
      expect(embeddingsIn(store)).toEqual(bytes);
    }
  });

  it('of another device is not taken', async () => {
    const dataset = await lay('device', 12);
    const home = join(dataset, '.clipcov');
    const { store } = await embed(dataset, home, tools);
    record(store, { device: 'webgpu', images: 12, captions: 12 });
    const seen = watched();
    await embed(dataset, home, { ...tools, encoder: seen.encoder });
    expect(seen.images[0]).toBe(2);
    expect(readPlan(store)!.batch).toBeUndefined();
  });

  it('is found once a store and recorded with its device', async () => {
    const dataset = await lay('found', 420);
    const home = join(dataset, '.clipcov');
    const { store } = await embed(dataset, home, tools);
    const { batch } = readPlan(store)!;
    expect(batch).toMatchObject({ device: 'cpu', images: expect.any(Number) });
    writeFileSync(join(dataset, '420.png'), await paint(420));
    const table = join(dataset, 'pairs.csv');
    writeFileSync(table, `${readFileSync(table, 'utf8')}420.png,one more\n`);
    await embed(dataset, home, tools);
    expect(readPlan(store)!.batch!.images).toBe(batch!.images);
  }, 120_000);
});

/** `embed` with another encoder, and whatever else a test wants to see or do. */
async function embedWith(dataset: string, options: Partial<EmbedOptions>): Promise<EmbedResult> {
  const source = await openSource(dataset);
  if (source.kind === 'store') throw new Error('a store');
  return embedDataset({
    source,
    model: tools.model,
    encoder: async () => tools.encoder,
    device: { name: 'cpu' },
    home: join(dataset, '.clipcov'),
    approvedRoots: [],
    context: { cancelled: () => false },
    onProgress: () => {},
    ...options,
  });
}

describe('an image', () => {
  const row = (image: string, known: CatalogueRow['known'] = null): CatalogueRow => ({
    ...{ id: 0, image, caption: 'c', uid: null, problem: null },
    known,
  });

  it('is read once for its hash and its pixels', async () => {
    const dataset = await lay('once', 1);
    const looked = await lookAt(row('0.png'), await imageRoots(dataset, []));
    rmSync(join(dataset, '0.png'));
    await decodeLooked(looked, tools.model.pixels);
    expect(looked.problem).toBeNull();
    expect(looked.pixels).toEqual(await decodeImage(await paint(0), tools.model.pixels));
  });

  it('that changed behind the size and time that are known costs its own row alone', async () => {
    const dataset = await lay('changed', 6);
    const bytes = await paint(0);
    // Three rows of one content; a byte more behind the end of a PNG is no part of the picture.
    for (const name of ['0.png', '1.png', '5.png'])
      writeFileSync(join(dataset, name), Buffer.concat([bytes, Buffer.of(1)]));
    const first = await embedWith(dataset, {});
    expect(first.imagesEncoded).toBe(4);
    const expected = contents(first.store);
    const file = join(dataset, '0.png');
    const { mtime } = statSync(file);
    const [kept, other] = [readFileSync(file), Buffer.concat([bytes, Buffer.of(2)])];
    writeFileSync(file, other);
    utimesSync(file, mtime, mtime);
    // Times are compared to the nanosecond, which is more than can be set.
    await forgetNanoseconds(join(dataset, '.clipcov'), file);
    rmSync(first.store, { recursive: true });
    const { store } = await embedWith(dataset, {});
    const left = readSkipped(partPaths(store, 0, 1).skipped);
    expect(left.map(({ id, reason }) => [id, reason])).toEqual([[0, 'image file changed while it was read']]);
    writeFileSync(file, kept);
    expect(await embedWith(dataset, {})).toMatchObject({ imagesEncoded: 0, captionsEncoded: 1 });
    expect(contents(store)).toEqual(expected);
  });
});

/** Makes the catalogue hold the time of a file as it is now. */
async function forgetNanoseconds(home: string, file: string): Promise<void> {
  const database = await Database.open(join(home, 'catalogue.duckdb'));
  const { mtimeNs } = statSync(file, { bigint: true });
  await database.run('UPDATE pairs SET mtime_ns = $1 WHERE image = $2', [String(mtimeNs), basename(file)]);
  database.close();
}

describe('embedding', () => {
  it('decodes the next part while one ends', async () => {
    const dataset = await lay('ahead', 1024 + 60, 1024 + 60);
    let slices = 0;
    const result = await embedWith(dataset, {
      encoder: async () => fastEncoder(tools),
      onSample: async () => {
        if (++slices < 4) return;
        // The last rows of the first part are embedded now. What is not decoded yet of the second one never will be.
        await new Promise((resolve) => setTimeout(resolve, 1000));
        for (let i = 1024; i < 1024 + 60; i++) rmSync(join(dataset, `${i}.png`));
      },
    });
    expect(slices).toBe(4);
    expect(result.imagesEncoded).toBe(1024 + 60);
  }, 120_000);

  it('shows rows before a part is done, each with its own embeddings', async () => {
    const dataset = await lay('shown', 600, 50);
    const shown: number[] = [];
    let done = 0;
    await embedWith(dataset, {
      onProgress: (progress) => {
        if (progress.stage !== 'embed') return;
        expect(progress.done).toBeGreaterThanOrEqual(done);
        done = progress.done;
      },
      onSample: async (sample) => {
        shown.push(done);
        for (const { id, caption, image, text } of sample) {
          expect(caption).toBe(captionOf(id % 50));
          const pixels = await decodeImage(await paint(id % 50), tools.model.pixels);
          const [right] = [await tools.encoder.images([pixels])];
          expect(Math.max(...right.map((value, j) => Math.abs(value - image[j]!)))).toBeLessThan(1e-3);
          expect(Math.hypot(...text)).toBeCloseTo(1, 2);
        }
      },
    });
    expect(done).toBe(600);
    expect(shown).toHaveLength(2);
    expect(shown[0]).toBeLessThan(300);
  }, 120_000);

  it('stops within a second when it is cancelled, with nothing left behind that still writes', async () => {
    const dataset = await lay('cancelled', 1500, 300);
    const home = join(dataset, '.clipcov');
    let at = Infinity;
    const run = embedWith(dataset, {
      context: { cancelled: () => at < Infinity },
      onProgress: ({ stage, done }) => {
        if (stage === 'embed' && done >= 1100) at = Math.min(at, performance.now());
      },
    });
    await expect(run).rejects.toBeInstanceOf(Cancelled);
    expect(performance.now() - at).toBeLessThan(1000);
    const stopped = contents(home);
    expect(Object.keys(stopped).filter((name) => name.includes('metadata_'))).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(contents(home)).toEqual(stopped);
  }, 120_000);
});

/** Embeddings without computing any. */
function fastEncoder({ encoder, model }: Tools): Encoder {
  const rows = async (inputs: unknown[]): Promise<Float32Array> =>
    new Float32Array(inputs.length * model.dim).fill(model.dim ** -0.5);
  return { ...encoder, images: rows, texts: rows };
}
