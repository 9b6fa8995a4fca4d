import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EmbeddingTable } from '../../../server/rows/pairBlock.js';
import { PairRows, type PairProducts } from '../../../server/kernels/pairRows.js';
import { nearestHalf, valueOfHalf } from '../embeddings/halfReference.js';
import { dot, numbers, samplePairs } from './samples.js';

interface Problem {
  table: EmbeddingTable;
  /** The unit rows, in float64. */
  images: number[][];
  texts: number[][];
  vectors: number[][];
}

/** Any width, so that what is left over from whole vectors is computed too; float16 or float32. */
const problems = fc
  .record({
    seed: fc.nat(),
    rows: fc.integer({ min: 2, max: 8 }),
    dim: fc.integer({ min: 1, max: 70 }),
    half: fc.boolean(),
  })
  .map(({ seed, rows, dim, half }): Problem => {
    const made = samplePairs(seed, rows, dim);
    const keep = (x: number): number => (half ? valueOfHalf(nearestHalf(x)) : x);
    const kept = {
      images: made.images.map((row) => row.map(keep)),
      texts: made.texts.map((row) => row.map(keep)),
    };
    const stored = (side: number[][]): Uint16Array | Float32Array => {
      const values = Float32Array.from(side.flat());
      return half ? Uint16Array.from(values, nearestHalf) : values;
    };
    const scale = (side: number[][]): Float64Array =>
      Float64Array.from(side, (row) => 1 / Math.sqrt(dot(row, row)));
    const [imageScale, textScale] = [scale(kept.images), scale(kept.texts)];
    const next = numbers(seed + 1);
    return {
      table: {
        rows,
        dim,
        images: stored(kept.images),
        texts: stored(kept.texts),
        imageScale,
        textScale,
      },
      images: kept.images.map((row, i) => row.map((x) => x * imageScale[i]!)),
      texts: kept.texts.map((row, i) => row.map((x) => x * textScale[i]!)),
      vectors: Array.from({ length: 5 }, () => Array.from({ length: dim }, () => 10 * next())),
    };
  });

/** All pairs of the table, half of them loaded as a range behind the others. */
function loaded(table: EmbeddingTable): PairRows {
  const pairs = new PairRows(table, table.rows);
  const first = table.rows >> 1;
  pairs.load(Int32Array.from({ length: first }, (_, row) => row));
  pairs.loadRange(first, table.rows - first, first);
  return pairs;
}

describe('PairRows', () => {
  it('computes every inner product of the terms as plain sums do', () => {
    fc.assert(
      fc.property(problems, fc.boolean(), ({ table, images, texts, vectors }, named) => {
        const kernels = loaded(table);
        const [imageSum, textSum, otherImages, otherTexts, text] = vectors as [
          number[],
          number[],
          number[],
          number[],
          number[],
        ];
        kernels.setClass({
          imageSum: Float64Array.from(imageSum),
          textSum: Float64Array.from(textSum),
          otherImages: Float64Array.from(otherImages),
          otherTexts: Float64Array.from(otherTexts),
          text: named ? Float64Array.from(text) : null,
        });
        const found: PairProducts = { cross: 0, inter: 0, imageOwn: 0, textOwn: 0, self: 0, label: 0 };
        for (let row = 0; row < table.rows; row++) {
          const [v, l] = [images[row]!, texts[row]!];
          kernels.products(row, found);
          expect(found.cross).toBeCloseTo(dot(v, textSum) + dot(l, imageSum), 9);
          expect(found.inter).toBeCloseTo(dot(v, otherTexts) + dot(l, otherImages), 9);
          expect(found.imageOwn).toBeCloseTo(dot(v, imageSum), 9);
          expect(found.textOwn).toBeCloseTo(dot(l, textSum), 9);
          expect(found.self).toBeCloseTo(dot(v, l), 12);
          expect(found.label).toBeCloseTo(named ? dot(l, text) : 0, 9);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('computes similarities of rows, and of a row to picked ones, in whatever order they are asked', () => {
    fc.assert(
      fc.property(
        problems,
        fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
        ({ table, images, texts }, asked) => {
          const kernels = loaded(table);
          const picked: number[] = [];
          kernels.clearSums();
          for (const at of asked) {
            const row = at % table.rows;
            const other = (at >> 3) % table.rows;
            expect(kernels.similarity(row, other)).toBeCloseTo(dot(images[row]!, texts[other]!), 12);
            const expected = picked.reduce(
              (sum, j) => sum + dot(images[other]!, texts[j]!) + dot(images[j]!, texts[other]!),
              0,
            );
            expect(kernels.similarityToSums(other)).toBeCloseTo(expected, 10);
            kernels.addToSums(row);
            picked.push(row);
            // The same row once more: a row that is still loaded must not be the one before it.
            expect(kernels.similarity(other, other)).toBeCloseTo(dot(images[other]!, texts[other]!), 12);
          }
          kernels.clearSums();
          expect(kernels.similarityToSums(0)).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});
