import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embedClassNames, encodeCaptions } from '../../../server/embeddings/classEmbeddings.js';
import { createEncoder, type Encoder } from '../../../server/embeddings/encoder.js';
import type { Device } from '../../../server/engine/device.js';
import { loadModel, type ProxyModel } from '../../../server/embeddings/model.js';

const CPU: Device = { name: 'cpu', report: { used: 'cpu', refused: [] } };
let model: ProxyModel;
let encoder: Encoder;
beforeAll(async () => {
  model = await loadModel();
  encoder = await createEncoder(model, CPU);
});
afterAll(() => encoder.release());

const nothing = async (): Promise<void> => {};

/** Pixels without any pattern, the same for the same number. */
function noise(number: number): Buffer {
  const { cropWidth, cropHeight } = model.pixels;
  let state = Math.imul(number + 1, 0x9e3779b1);
  return Buffer.from(
    Array.from({ length: 3 * cropWidth * cropHeight }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

function rowsOf(values: Float32Array): number[][] {
  return Array.from({ length: values.length / model.dim }, (_, i) => [
    ...values.subarray(i * model.dim, (i + 1) * model.dim),
  ]);
}

describe('an image embedding', () => {
  it('does not depend on its batch or its place in it, a batch of one included', async () => {
    const pictures = Array.from({ length: 33 }, (_, i) => noise(i));
    const alone: number[][] = [];
    for (const picture of pictures) alone.push(rowsOf(await encoder.images([picture]))[0]!);
    expect(new Set(alone.map(String)).size).toBe(pictures.length);
    for (const size of [2, 3, 5, 7, 16, 32, 33]) {
      const order = pictures.map((_, i) => (i * 5 + size) % pictures.length).slice(0, size);
      const together = rowsOf(await encoder.images(order.map((i) => pictures[i]!)));
      expect(together, `a batch of ${size}`).toEqual(order.map((i) => alone[i]));
    }
  });

  it('does not depend on the threads either', async () => {
    const pictures = Array.from({ length: 9 }, (_, i) => noise(i));
    const expected = rowsOf(await encoder.images(pictures));
    for (const threads of [1, 3, 8]) {
      const other = await createEncoder(model, { ...CPU, threads });
      for (const size of [1, 2, 5, 9])
        expect(rowsOf(await other.images(pictures.slice(0, size))), `${threads} threads`).toEqual(
          expected.slice(0, size),
        );
      await other.release();
    }
  });

  it('is a unit vector of the promised width', async () => {
    const rows = rowsOf(await encoder.images([noise(1), noise(2)]));
    for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    expect(rows[0]).toHaveLength(model.dim);
  });
});

describe('a caption embedding', () => {
  const captions = [
    'a red car',
    'an old house',
    'a red car in front of an old house',
    'x',
    'Ünïcödé — 日本語 🙂',
    'a very long caption '.repeat(40),
    'a very long caption '.repeat(41),
    'an old car',
  ];

  it('does not depend on batch, order, repetition or neighbours of other lengths', async () => {
    const alone = new Map<string, number[]>();
    for (const caption of captions)
      alone.set(caption, rowsOf(await encoder.texts([encoder.tokenize(caption)]))[0]!);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...captions), { minLength: 1, maxLength: 20 }),
        async (chosen) => {
          const rows = rowsOf(await encodeCaptions(encoder, chosen, model.dim, nothing));
          expect(rows).toEqual(chosen.map((caption) => alone.get(caption)));
        },
      ),
      { numRuns: 15 },
    );
    for (const size of [2, 3, 17, 64]) {
      const tokens = Array.from({ length: size }, (_, i) =>
        encoder.tokenize(i % 2 ? 'a red car' : 'an old car'),
      );
      const rows = rowsOf(await encoder.texts(tokens));
      rows.forEach((row, i) => expect(row).toEqual(alone.get(i % 2 ? 'a red car' : 'an old car')));
    }
  });

  it('encodes equal captions once and tells how many it did', async () => {
    let encoded = 0;
    await encodeCaptions(encoder, ['a', 'b', 'a', 'a', 'b', 'c'], model.dim, async (count) => {
      encoded += count;
    });
    expect(encoded).toBe(3);
  });

  it('is cut to the context of the model and keeps the end token', () => {
    const long = encoder.tokenize('word '.repeat(500));
    const short = encoder.tokenize('word');
    expect(long).toHaveLength(model.contextLength);
    expect(long[0]).toBe(short[0]);
    expect(long.at(-1)).toBe(short.at(-1));
  });
});

describe('embedClassNames', () => {
  it('is the normalised mean of the unit embeddings of the prompts; a `$` in a name is a letter', async () => {
    const names = ['cat', "$& $' dog"];
    const templates = ['{}', 'a photo of a {}, {}'];
    const found = await embedClassNames(encoder, names, templates, model.dim, nothing);
    for (const [k, name] of names.entries()) {
      const prompts = [name, `a photo of a ${name}, ${name}`];
      const rows: number[][] = [];
      for (const prompt of prompts) rows.push(rowsOf(await encoder.texts([encoder.tokenize(prompt)]))[0]!);
      const mean = rows[0]!.map((value, j) => (value + rows[1]![j]!) / 2);
      mean.forEach((value, j) =>
        expect(found[k * model.dim + j]).toBeCloseTo(value / Math.hypot(...mean), 9),
      );
    }
  });
});
