import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PairRows } from '../../../server/kernels/pairRows.js';
import { blockFor, blockRows, blocksOf, CACHED_ROWS, eachBlock } from '../../../server/selection/blocks.js';
import { countByClass, positionsByClass, rowsByClass } from '../../../server/selection/latentClasses.js';
import { tableOf } from './plainGreedy.js';
import { samplePairs } from './samples.js';

const CLASSES = 4;
const labels = fc
  .array(fc.integer({ min: -1, max: CLASSES - 1 }), { maxLength: 30 })
  .map((values) => Int32Array.from(values));

it('rows by class are those with its label, in their order, of all or of those given', () => {
  fc.assert(
    fc.property(labels, fc.infiniteStream(fc.boolean()), (labels, chosen) => {
      const all = [...labels.keys()];
      const some = all.filter(() => chosen.next().value).reverse();
      for (const [rows, members] of [
        [all, rowsByClass(labels, CLASSES)],
        [some, rowsByClass(labels, CLASSES, Int32Array.from(some))],
      ] as const)
        expect(members.map((own) => [...own])).toEqual(
          Array.from({ length: CLASSES }, (_, k) => rows.filter((row) => labels[row] === k)),
        );
    }),
  );
});

it('positions by class name the classes that occur, ascending, and counts those of given rows', () => {
  fc.assert(
    fc.property(labels, (labels) => {
      const expected = Array.from({ length: CLASSES }, (_, k) => ({
        k,
        positions: [...labels.keys()].filter((at) => labels[at] === k),
      })).filter(({ positions }) => positions.length > 0);
      expect(
        positionsByClass(labels, CLASSES).map(({ k, positions }) => ({ k, positions: [...positions] })),
      ).toEqual(expected);
      const labelled = Int32Array.from(labels.keys()).filter((row) => labels[row]! >= 0);
      expect([...countByClass(labels, labelled, CLASSES)]).toEqual(
        Array.from({ length: CLASSES }, (_, k) => labels.filter((label) => label === k).length),
      );
    }),
  );
});

it('blocks cover all rows once, the last one what is left', () => {
  expect(blocksOf(0, 4)).toEqual([]);
  expect(blocksOf(8, 4)).toEqual([
    { first: 0, count: 4 },
    { first: 4, count: 4 },
  ]);
  expect(blocksOf(9, 4)).toEqual([
    { first: 0, count: 4 },
    { first: 4, count: 4 },
    { first: 8, count: 1 },
  ]);
});

it('a block takes 32 MiB of both sides, in whole multiples of what a cache holds', () => {
  // 2 · 512 numbers of 2 bytes are 2 KiB a pair: 16,384 pairs; of 4 bytes half as many.
  expect(blockRows({ dim: 512, images: new Uint16Array(0) })).toBe(16_384);
  expect(blockRows({ dim: 512, images: new Float32Array(0) })).toBe(8_192);
  // 5,461⅓ pairs.
  expect(blockRows({ dim: 768, images: new Float32Array(0) })).toBe(5_120);
  expect(blockRows({ dim: 100_000, images: new Float32Array(0) })).toBe(CACHED_ROWS);
});

it('rows are gone through in blocks of what there is room for, each loaded in its order', async () => {
  const { images, texts } = samplePairs(2, 12, 3);
  const table = tableOf(images, texts);
  const pairs = new PairRows(table, 4);
  const rows = Int32Array.of(11, 0, 5, 5, 3, 2, 1, 10, 9);
  const seen: number[][] = [];
  const done: number[] = [];
  await eachBlock(
    pairs,
    rows,
    (block) => {
      seen.push([...block]);
      for (const [i, row] of block.entries()) {
        const v = new Float32Array(3);
        pairs.copyImage(i, v, 0);
        expect([...v]).toEqual(images[row]);
      }
    },
    async (rows) => void done.push(rows),
  );
  expect(seen).toEqual([[11, 0, 5, 5], [3, 2, 1, 10], [9]]);
  expect(done).toEqual([4, 8, 9]);
});

it('no block has room for more rows than there are, nor than it may take', () => {
  const table = tableOf([Array.from({ length: 4096 }, () => 1)], [Array.from({ length: 4096 }, () => 1)]);
  expect(blockFor(table, 5).capacity).toBe(5);
  expect(blockFor(table, 5_000).capacity).toBe(1_024);
});
