import fc from 'fast-check';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  fitLinearClip,
  inForm,
  mapRows,
  type LinearClip,
  type LinearForm,
} from '../../../server/evaluation/linearClip.js';
import { sumMoments, type Moments } from '../../../server/evaluation/moments.js';
import { bestPositiveRanks, meanPerClassRecall, shareWithin } from '../../../server/evaluation/ranking.js';
import { firstOf, leadingSingular, subspaceDistance } from '../../../server/evaluation/singular.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from '../selection/plainGreedy.js';
import { dot, nothing, numbers, samplePairs, unit } from '../selection/samples.js';

const DIM = 6;

function randomMatrix(seed: number, size: number): Matrix {
  const next = numbers(seed);
  return new Matrix(Array.from({ length: size }, () => Array.from({ length: size }, next)));
}

const flatOf = (matrix: Matrix): Float64Array => Float64Array.from(matrix.to1DArray());

const toolsOf = (size: number): Parameters<typeof leadingSingular>[2] => ({
  products: productsOf(size),
  checkpoint: nothing,
});

describe('leadingSingular', () => {
  it('gives the leading triplets of a whole decomposition', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        async (seed, size, rank) => {
          const matrix = randomMatrix(seed, size);
          const whole = new SingularValueDecomposition(matrix);
          const found = await leadingSingular(flatOf(matrix), rank, toolsOf(size));
          const kept = Math.min(rank, size);
          fc.pre(whole.diagonal[kept - 1]! > 1e-4 * whole.diagonal[0]!);
          expect(found.values).toHaveLength(kept);
          found.values.forEach((value, j) => expect(value).toBeCloseTo(whole.diagonal[j]!, 6));
          for (const side of [found.left, found.right])
            expect(Matrix.sub(side.transpose().mmul(side), Matrix.eye(kept)).norm('frobenius')).toBeLessThan(
              1e-6,
            );
          // C·v = σ·u
          const images = matrix.mmul(found.right);
          found.values.forEach((value, j) => images.mulColumn(j, 1 / value));
          expect(Matrix.sub(images, found.left).norm('frobenius')).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves out what is rounding, and knows no direction of nothing', async () => {
    const rankOne = Matrix.columnVector([1, 2, 2]).mmul(Matrix.rowVector([3, 0, 4]));
    const { values } = await leadingSingular(flatOf(rankOne), 3, toolsOf(3));
    expect([...values].map((value) => Number(value.toFixed(9)))).toEqual([15]);
    expect((await leadingSingular(new Float64Array(9), 2, toolsOf(3))).values).toHaveLength(0);
    // It is a share of the largest that counts as rounding.
    const tiny = (await leadingSingular(flatOf(rankOne.mul(1e-9)), 3, toolsOf(3))).values;
    expect([...tiny].map((value) => value / 15e-9)).toEqual([expect.closeTo(1, 9)]);
  });

  it('finds the same where the matrix is wide, and nearly the same of a matrix that is near', async () => {
    const size = 160;
    for (const rank of [size, 20]) {
      // Values that fall off, as those of embeddings do; of rank 20 nothing is left behind.
      const left = randomMatrix(rank, size).subMatrixColumn([...Array(rank).keys()]);
      for (let j = 0; j < rank; j++) left.mulColumn(j, 1 / (j + 1));
      const matrix = left.mmul(randomMatrix(rank + 1, size).subMatrixRow([...Array(rank).keys()]));
      const whole = new SingularValueDecomposition(matrix);
      const found = await leadingSingular(flatOf(matrix), 32, toolsOf(size));
      expect(found.values).toHaveLength(Math.min(rank, 32));
      found.values.forEach((value, j) => expect(value / whole.diagonal[j]!).toBeCloseTo(1, 9));
      const vectors = whole.leftSingularVectors.subMatrixColumn([...found.values.keys()]);
      expect(subspaceDistance(found.left, vectors)).toBeLessThan(1e-9);
      const other = Matrix.add(matrix, randomMatrix(3, size).mul(1e-4));
      const near = await leadingSingular(flatOf(other), 8, toolsOf(size));
      const exact = new SingularValueDecomposition(other).rightSingularVectors.subMatrixColumn([
        ...Array(8).keys(),
      ]);
      expect(subspaceDistance(near.right, exact)).toBeLessThan(1e-9);
    }
    const zero = await leadingSingular(new Float64Array(size ** 2), 4, toolsOf(size));
    expect(zero.values).toHaveLength(0);
  });

  it('can be cut to the first of them', () => {
    const whole = { left: Matrix.eye(3), right: Matrix.eye(3).mul(2), values: Float64Array.of(9, 8, 7) };
    const two = firstOf(whole, 2);
    expect([...two.values]).toEqual([9, 8]);
    expect(two.left.to2DArray()).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(two.right.to2DArray()).toEqual(two.left.mul(2).to2DArray());
    expect(firstOf(whole, 5).values).toHaveLength(3);
  });

  it('measures how far spaces are from each other', () => {
    const axes = (...which: number[]): Matrix => Matrix.eye(4).subMatrixColumn(which);
    expect(subspaceDistance(axes(0, 1), axes(1, 0))).toBe(0);
    expect(subspaceDistance(axes(0, 1), axes(2, 3))).toBe(1);
    expect(subspaceDistance(axes(0, 1), axes(1, 2))).toBe(0.5);
    expect(subspaceDistance(axes(0), axes(0, 1))).toBe(0.5);
    expect(subspaceDistance(axes(0, 1, 2), axes(1))).toBeCloseTo(2 / 3, 12);
    expect(subspaceDistance(new Matrix(4, 0), new Matrix(4, 0))).toBe(0);
    const turned = new Matrix([[Math.cos(0.3)], [Math.sin(0.3)], [0], [0]]);
    expect(subspaceDistance(axes(0), turned)).toBeCloseTo(Math.sin(0.3) ** 2, 12);
  });
});

describe('linear CLIP', () => {
  const { images, texts } = samplePairs(4, 300, DIM, { lean: 0.8 });
  const table = tableOf(images, texts);
  const origin = { image: new Float64Array(DIM), text: new Float64Array(DIM) };
  const momentsOf = async (rows: Int32Array, of = table): Promise<Moments> =>
    (await sumMoments(of, rows, origin, productsOf(DIM), nothing)).moments();
  const fit = async (moments: Moments): Promise<LinearClip> =>
    fitLinearClip(moments, await leadingSingular(moments.crossCovariance, DIM, toolsOf(DIM)));
  const mapped = async (
    rows: number[][],
    side: 'image' | 'text',
    model: LinearClip,
    form: LinearForm,
  ): Promise<Float32Array> =>
    inForm(await mapRows(flat(rows), side, model, productsOf(DIM)), model.rank, form);
  const all = Int32Array.from(images.keys());
  const flat = (rows: number[][]): Float64Array => Float64Array.from(rows.flatMap(unit));

  it('is the singular vectors of the cross-covariance, as the paper has it', async () => {
    const model = await fit(await momentsOf(all));
    const mean = (rows: number[][]): number[] =>
      rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + unit(row)[j]! / rows.length, 0));
    const [mv, ml] = [mean(images), mean(texts)];
    const centred = (row: number[], by: number[]): number[] => unit(row).map((x, j) => x - by[j]!);
    const covariance = Array.from({ length: DIM }, (_, i) =>
      Array.from(
        { length: DIM },
        (_, j) =>
          images.reduce((sum, image, e) => sum + centred(image, mv)[i]! * centred(texts[e]!, ml)[j]!, 0) /
          images.length,
      ),
    );
    // At full rank the plain similarity is (v − μ)ᵀ C (l − μ).
    const [left, right] = [
      await mapped(images.slice(0, 5), 'image', model, 'plain'),
      await mapped(texts.slice(0, 5), 'text', model, 'plain'),
    ];
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < 5; j++) {
        const [v, l] = [centred(images[i]!, mv), centred(texts[j]!, ml)];
        const expected = v.reduce((sum, x, a) => sum + x * dot(covariance[a]!, l), 0);
        const found = dot(
          [...left.subarray(i * DIM, (i + 1) * DIM)],
          [...right.subarray(j * DIM, (j + 1) * DIM)],
        );
        expect(found).toBeCloseTo(expected, 6);
      }
    const unitRows = await mapped(images.slice(0, 5), 'image', model, 'cosine');
    for (let i = 0; i < 5; i++)
      expect(Math.hypot(...unitRows.subarray(i * DIM, (i + 1) * DIM))).toBeCloseTo(1, 6);
  });

  it('retrieves by chance where captions were shuffled, and far better where they were not', async () => {
    const recall = async (captions: number[][]): Promise<number> => {
      const of = tableOf(images, captions);
      const model = await fit(await momentsOf(all.subarray(0, 200), of));
      // Held out: the last hundred pairs as they are.
      const left = await mapped(images.slice(200), 'image', model, 'cosine');
      const right = await mapped(texts.slice(200), 'text', model, 'cosine');
      const width = left.length / 100;
      const scores = Float32Array.from({ length: 10_000 }, (_, at) =>
        dot(
          [...left.subarray(Math.floor(at / 100) * width, (Math.floor(at / 100) + 1) * width)],
          [...right.subarray((at % 100) * width, ((at % 100) + 1) * width)],
        ),
      );
      return shareWithin(
        bestPositiveRanks(scores, 100, (row) => [row]),
        10,
      );
    };
    const shuffled = texts.map((_, i) => texts[(i * 77 + 31) % texts.length]!);
    expect(await recall(texts)).toBeGreaterThan(0.8);
    expect(await recall(shuffled)).toBeLessThan(0.35);
  });
});

describe('ranking', () => {
  it('counts ties in favour of the lower column, and the best of several positives', () => {
    const scores = Float32Array.of(0.5, 0.9, 0.5, 0.1, /**/ 0.3, 0.3, 0.3, 0.3, /**/ 1, 2, 3, 4);
    const ranks = (positives: number[][]): number[] => [
      ...bestPositiveRanks(scores, 4, (row) => positives[row]!),
    ];
    expect(ranks([[0], [0], [0]])).toEqual([1, 0, 3]);
    expect(ranks([[2], [3], [3]])).toEqual([2, 3, 0]);
    expect(ranks([[3, 1], [2, 1], []])).toEqual([0, 1, Infinity]);
    const found = Float64Array.of(0, 4, 1, Infinity);
    expect([1, 5, 10].map((k) => shareWithin(found, k))).toEqual([0.25, 0.75, 0.75]);
    expect(shareWithin(new Float64Array(0), 1)).toBe(0);
  });

  it('averages recall over the classes that have examples', () => {
    const ranks = Float64Array.of(0, 0, 1, 0, 3, 2);
    // Class 0: 2 of 3, class 2: 1 of 2, class 3: 0 of 1; class 1 has none.
    expect(meanPerClassRecall(ranks, Int32Array.of(0, 0, 0, 2, 2, 3), 4)).toBeCloseTo(
      (2 / 3 + 1 / 2 + 0) / 3,
      12,
    );
    expect(meanPerClassRecall(new Float64Array(0), new Int32Array(0), 4)).toBe(0);
  });
});
