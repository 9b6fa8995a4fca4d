import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { expect, it } from 'vitest';
import { principalMap } from '../../../server/projection/coordinates.js';
import { principalDirections } from '../../../server/projection/principal.js';
import type { EmbeddingTable } from '../../../server/rows/pairBlock.js';
import { productsOf } from '../engine/testProducts.js';
import { nothing, samplePairs, unit } from '../selection/samples.js';

const DIM = 12;

/** Rows with more and more to differ by from one dimension to the next, and a common part as CLIP embeddings have. */
function table(rows: number): EmbeddingTable {
  const { images } = samplePairs(5, rows, DIM);
  const shaped = images.map((image) => image.map((x, j) => x * (1 + j) + 9));
  const flat = Float32Array.from(shaped.flat());
  const scale = Float64Array.from({ length: rows }, (_, i) => {
    const row = [...flat.subarray(i * DIM, (i + 1) * DIM)];
    return 1 / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
  });
  return { rows, dim: DIM, images: flat, texts: flat, imageScale: scale, textScale: scale.slice() };
}

/** The definition: eigenvectors of the covariance of unit rows, by the library. */
function plain(given: EmbeddingTable, used: number[]): { values: number[]; map: number[][]; total: number } {
  const flat = given.images as Float32Array;
  const rows = new Matrix(used.map((i) => unit([...flat.subarray(i * DIM, (i + 1) * DIM)])));
  const centred = rows.clone().center('column');
  const covariance = centred.transpose().mmul(centred).div(used.length);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const axes = [DIM - 1, DIM - 2].map((column) => {
    const axis = eigenvectorMatrix.getColumn(column);
    const largest = axis.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    return largest < 0 ? axis.map((x) => -x) : axis;
  });
  return {
    values: [realEigenvalues.at(-1)!, realEigenvalues.at(-2)!],
    map: centred
      .to2DArray()
      .map((row) => axes.map((axis) => axis.reduce((sum, x, j) => sum + x * row[j]!, 0))),
    total: covariance.trace(),
  };
}

it('finds what the library finds of small data, more rows than a block and unusable ones among them', async () => {
  const given = table(2500);
  given.imageScale[7] = given.textScale[2400] = 0;
  const used = [...given.imageScale.keys()].filter((row) => row !== 7 && row !== 2400);
  const products = productsOf(DIM);
  const principal = await principalDirections(given, 2, products, nothing);
  const map = await principalMap(given, principal, products, nothing);
  const { values, map: expected, total } = plain(given, used);
  for (const [i, share] of principal.explained.entries()) expect(share).toBeCloseTo(values[i]! / total, 6);
  used.forEach((row, i) => {
    expect(map[2 * row]).toBeCloseTo(expected[i]![0]!, 5);
    expect(map[2 * row + 1]).toBeCloseTo(expected[i]![1]!, 5);
  });
  for (const row of [7, 2400]) expect([map[2 * row], map[2 * row + 1]]).toEqual([NaN, NaN]);
});

it('puts pairs that are all alike into one point', async () => {
  const given = table(4);
  for (let i = 1; i < 4; i++) {
    (given.images as Float32Array).copyWithin(i * DIM, 0, DIM);
    given.imageScale[i] = given.imageScale[0]!;
  }
  const products = productsOf(DIM);
  const principal = await principalDirections(given, 2, products, nothing);
  expect(principal.explained).toEqual([0, 0]);
  expect([...(await principalMap(given, principal, products, nothing))]).toEqual(new Array(8).fill(0));
});
