import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStore } from '../../../server/embeddings/embeddingTable.js';
import { gatherRows, type EmbeddingTable } from '../../../server/embeddings/pairBlock.js';
import { openStore } from '../../../server/embeddings/store.js';
import { ClipcovError } from '../../../server/errors.js';
import { scratchFolder } from '../cli.js';
import { nearestHalf, valueOfHalf } from './halfReference.js';
import { makeStore, npyOf, put, type MadePart, type NpyType } from './npyFiles.js';

const folder = scratchFolder();
let made = 0;
const store = (parts: MadePart[], type?: NpyType): string =>
  makeStore(join(folder, `${++made}`), parts, type);
const part = (number: string, rows: number, dim = 2): MadePart => ({
  number,
  images: Array.from({ length: rows }, (_, i) =>
    Array.from({ length: dim }, (_, j) => Number(number) + i + j + 1),
  ),
  texts: Array.from({ length: rows }, (_, i) =>
    Array.from({ length: dim }, (_, j) => j - Number(number) - i),
  ),
});

function refusal(path: string): ClipcovError {
  try {
    openStore(path);
  } catch (error) {
    expect(error).toBeInstanceOf(ClipcovError);
    return error as ClipcovError;
  }
  throw new Error('the store was opened');
}

describe('openStore', () => {
  it('takes parts in the order of their numbers, gaps and other widths included', () => {
    const opened = openStore(store([part('10', 1), part('2', 3), part('0', 2)]));
    expect(opened.parts.map(({ index, firstRow, rows }) => [index, firstRow, rows])).toEqual([
      [0, 0, 2],
      [2, 2, 3],
      [10, 5, 1],
    ]);
    expect(
      openStore(store([part('0002', 1), part('0000', 1), part('0011', 1)])).parts.map((p) => p.index),
    ).toEqual([0, 2, 11]);
  });

  it('leaves files alone that are no parts', () => {
    const path = store([part('0', 2)]);
    put(join(path, 'img_emb', 'img_emb_1.npy.partial'), 'half written');
    put(join(path, 'img_emb', 'notes.txt'), 'mine');
    put(join(path, 'metadata', 'metadata_7.parquet'), 'of a part that is not there');
    const opened = openStore(path);
    expect(opened.parts.map((p) => p.metadata)).toEqual([null]);
    expect(opened.plan).toBeNull();
  });

  const unequal = (texts: number[][]): MadePart => ({ ...part('0', 2), texts });
  const cases: [string, MadePart[], RegExp, RegExp][] = [
    [
      'no texts of a part',
      [part('0', 1), { ...part('1', 1), texts: null }],
      /part 1 has images but no texts/,
      /img_emb_1\.npy$/,
    ],
    [
      'no images of a part',
      [part('0', 1), { ...part('1', 1), images: null }],
      /part 1 has texts but no images/,
      /text_emb_1\.npy$/,
    ],
    ['other counts', [unequal([[1, 2]])], /2 image rows and 1 text rows/, /img_emb_0\.npy$/],
    [
      'other widths in a part',
      [
        unequal([
          [1, 2, 3],
          [1, 2, 3],
        ]),
      ],
      /images of 2 and texts of 3/,
      /img_emb_0\.npy$/,
    ],
    ['other widths of parts', [part('0', 1, 2), part('1', 1, 3)], /differ in dimension \(2, 3\)/, /\d+$/],
    ['no parts', [], /holds no rows/, /\d+$/],
  ];
  for (const [name, parts, reason, where] of cases)
    it(`refuses ${name}`, () => {
      const error = refusal(store(parts));
      expect(error.code).toBe('store-broken');
      expect(error.message).toMatch(reason);
      expect(error.where).toMatch(where);
      expect(error.fix).toBeTruthy();
    });

  it('refuses a plan that is no plan', () => {
    const path = store([part('0', 1)]);
    put(join(path, 'plan.json'), '{"schema": 1');
    expect(refusal(path)).toMatchObject({ code: 'store-broken', where: join(path, 'plan.json') });
  });

  it('refuses two files of one number instead of dropping one of them', () => {
    expect(refusal(store([part('1', 2), part('01', 2)])).message).toMatch(/1/);
  });
});

/** ⟨v, l⟩ of a row, of unit rows. */
function score(table: EmbeddingTable, row: number): number {
  const { images, texts, imageScale, textScale } = gatherRows(table, [row]);
  return images.reduce((sum, value, j) => sum + value * texts[j]!, 0) * imageScale[0]! * textScale[0]!;
}

const running = { cancelled: (): boolean => false };
const kept = (value: number, type: NpyType): number =>
  type === 'f2' ? valueOfHalf(nearestHalf(value)) : Math.fround(value);

describe('readStore', () => {
  const images = [
    [3, 4],
    [0, 0],
    [NaN, 1],
    [-0.1, 0.3],
    [5, Infinity],
  ];
  const texts = [
    [1, 0],
    [1, 0],
    [1, 0],
    [0.7, 0.2],
    [0, 1],
  ];
  for (const type of ['f2', 'f4', 'f8'] as const)
    it(`gives unit rows of ${type}, and marks rows without a direction`, async () => {
      const path = store([{ number: '0', images, texts }], type);
      const visited: number[] = [];
      const { table } = await readStore(openStore(path), running, null, async (chunk) => {
        visited.push(chunk.firstRow, chunk.rows);
      });
      expect(visited).toEqual([0, 5]);
      expect([...table.imageScale].map((scale) => scale > 0)).toEqual([true, false, false, true, false]);
      expect([...table.textScale].every((scale) => scale > 0)).toBe(true);
      expect(score(table, 0)).toBeCloseTo(0.6, 12);
      const v = images[3]!.map((value) => kept(value, type));
      const l = texts[3]!.map((value) => kept(value, type));
      const cosine = (v[0]! * l[0]! + v[1]! * l[1]!) / Math.hypot(...v) / Math.hypot(...l);
      expect(score(table, 3)).toBeCloseTo(cosine, 12);
    });

  it('reads parts of different types into one table, row by row', async () => {
    const path = store([part('0', 2)], 'f4');
    put(join(path, 'img_emb', 'img_emb_1.npy'), npyOf([[0, 8]], 'f2'));
    put(join(path, 'text_emb', 'text_emb_1.npy'), npyOf([[0, -2]], 'f8'));
    const { table } = await readStore(openStore(path), running, null, async () => {});
    expect(table.rows).toBe(3);
    expect(score(table, 2)).toBe(-1);
    expect(score(table, 0)).toBeCloseTo((1 * 0 + 2 * 1) / Math.hypot(1, 2), 12);
  });

  it('gives every row back under its number, laid out by class or not', async () => {
    const problem = fc.record({
      type: fc.constantFrom<NpyType[]>('f2', 'f4', 'f8'),
      dim: fc.integer({ min: 1, max: 19 }),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
      labels: fc.infiniteStream(fc.integer({ min: -1, max: 3 })),
      values: fc.infiniteStream(fc.integer({ min: -2000, max: 2000 })),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ type, dim, sizes, labels, values }) => {
        const next = (): number => values.next().value / 1000;
        const rows = (count: number): number[][] =>
          Array.from({ length: count }, () => Array.from({ length: dim }, next));
        const parts = sizes.map((size, i) => ({ number: String(i), images: rows(size), texts: rows(size) }));
        const opened = openStore(store(parts, type));
        const label = Int32Array.from({ length: opened.rows }, () => labels.next().value);
        for (const classes of [null, 4]) {
          const { table } = await readStore(opened, running, classes, async (chunk) =>
            label.subarray(chunk.firstRow, chunk.firstRow + chunk.rows),
          );
          for (const side of ['images', 'texts'] as const) {
            const expected = parts.flatMap((made) => made[side]).map((row) => row.map((x) => kept(x, type)));
            expected.forEach((row, i) => {
              const found = gatherRows(table, [i]);
              expect([...found[side]]).toEqual(row);
              const scale = side === 'images' ? found.imageScale[0]! : found.textScale[0]!;
              const norm = Math.hypot(...row);
              expect(scale).toBeCloseTo(norm === 0 ? 0 : 1 / norm, 9);
            });
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
