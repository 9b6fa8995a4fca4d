import fc from 'fast-check';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RowFiles } from '../../../server/embeddings/rowFiles.js';
import { openStore } from '../../../server/embeddings/store.js';
import { ClipcovError } from '../../../server/errors.js';
import { scratchFolder } from '../cli.js';
import { numbers } from '../selection/samples.js';
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

const kept = (value: number, type: NpyType): number =>
  type === 'f2' ? valueOfHalf(nearestHalf(value)) : Math.fround(value);

describe('RowFiles', () => {
  it('gives every row back under its number, from parts of any type, one by one, in pieces or gathered', () => {
    const problem = fc.record({
      types: fc.array(fc.constantFrom<NpyType[]>('f2', 'f4', 'f8'), { minLength: 3, maxLength: 3 }),
      dim: fc.integer({ min: 1, max: 19 }),
      sizes: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 3 }),
      asked: fc.array(fc.nat(), { maxLength: 60 }),
      sorted: fc.boolean(),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(problem, ({ types, dim, sizes, asked, sorted, seed }) => {
        const next = numbers(seed);
        const parts = sizes.map((size, i) => ({
          number: String(i),
          images: Array.from({ length: size }, () => Array.from({ length: dim }, () => 2 * next())),
          texts: Array.from({ length: size }, () => Array.from({ length: dim }, () => 2 * next())),
        }));
        const path = store([]);
        parts.forEach(({ number, images, texts }, i) => {
          put(join(path, 'img_emb', `img_emb_${number}.npy`), npyOf(images, types[i]!));
          put(join(path, 'text_emb', `text_emb_${number}.npy`), npyOf(texts, types[i]!));
        });
        const opened = openStore(path);
        const half = sizes.every((_, i) => types[i] === 'f2');
        for (const side of ['images', 'texts'] as const) {
          const expected = parts.flatMap((part, i) =>
            part[side].map((row) => row.map((x) => kept(x, types[i]!))),
          );
          const files = new RowFiles(
            opened.parts.map((part) => ({ firstRow: part.firstRow, matrix: part[side] })),
            dim,
          );
          expect(files.half).toBe(half);
          const which = asked.map((at) => at % expected.length);
          if (sorted) which.sort((a, b) => a - b);
          const target = (rows: number): Uint16Array | Float32Array =>
            half ? new Uint16Array(rows * dim) : new Float32Array(rows * dim);
          const values = (stored: Uint16Array | Float32Array): number[] =>
            half ? Array.from(stored, valueOfHalf) : [...stored];
          const all = target(expected.length);
          files.read(0, expected.length, all);
          expect(values(all)).toEqual(expected.flat());
          const some = target(which.length);
          files.gather(which, some);
          expect(values(some)).toEqual(which.flatMap((row) => expected[row]!));
          files.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('says which file became shorter while it was read', () => {
    const path = store([part('0', 3)], 'f4');
    const [{ images }] = openStore(path).parts as [ReturnType<typeof openStore>['parts'][number]];
    truncateSync(images.file, images.dataOffset + 8);
    const files = new RowFiles([{ firstRow: 0, matrix: images }], images.columns);
    expect(() => files.read(0, 3, new Float32Array(3 * images.columns))).toThrow(
      expect.objectContaining({ code: 'npy-unreadable', where: images.file }),
    );
    files.close();
  });
});
