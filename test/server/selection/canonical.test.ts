import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { alignedRows, canonicalMaps, type TwoSidedMoments } from '../../../server/selection/canonical.js';
import { numbers } from './samples.js';

function moments(images: Matrix, texts: Matrix): TwoSidedMoments {
  const [imageMean, textMean] = [images.mean('column'), texts.mean('column')];
  const [v, l] = [images.clone().subRowVector(imageMean), texts.clone().subRowVector(textMean)];
  const rows = images.rows;
  const over = (a: Matrix, b: Matrix): Matrix => a.transpose().mmul(b).div(rows);
  return {
    rows,
    imageMean: Float64Array.from(imageMean),
    textMean: Float64Array.from(textMean),
    images: over(v, v),
    texts: over(l, l),
    cross: over(v, l),
  };
}

/** Captions of another width that are a linear map of the images, with noise of the given size. */
function planted(seed: number, rows: number, dv: number, dl: number, noise: number): [Matrix, Matrix] {
  const next = numbers(seed);
  const fill = (r: number, c: number): Matrix =>
    new Matrix(r, c).apply(function (i, j) {
      this.set(i, j, next());
    });
  const images = fill(rows, dv);
  const texts = images
    .mmul(fill(dv, dl))
    .add(fill(rows, dl).mul(noise))
    .addRowVector(Array.from({ length: dl }, next));
  return [images, texts];
}

describe('canonicalMaps', () => {
  it('gives uncorrelated unit coordinates whose cross-correlations are ρ', () => {
    const [images, texts] = planted(3, 400, 6, 4, 1);
    const m = moments(images, texts);
    const { imageMap, textMap, correlations } = canonicalMaps(m, 4, 0);
    const near = (a: Matrix, b: Matrix): void =>
      expect(Matrix.sub(a, b).norm('frobenius')).toBeLessThan(1e-8);
    near(imageMap.mmul(m.images).mmul(imageMap.transpose()), Matrix.eye(4));
    near(textMap.mmul(m.texts).mmul(textMap.transpose()), Matrix.eye(4));
    near(imageMap.mmul(m.cross).mmul(textMap.transpose()), Matrix.diag([...correlations]));
    expect([...correlations]).toEqual([...correlations].sort((a, b) => b - a));
    expect(correlations[0]).toBeLessThan(1);
  });

  it.each([
    ['as many directions as captions have', 6, 4],
    ['as many as images have', 4, 6],
  ])('makes unit coordinates of covariances that a ridge lifts, %s', (_, dv, dl) => {
    const [images, texts] = planted(6, 300, dv, dl, 1);
    const m = moments(images, texts);
    const ridge = 0.3;
    const { imageMap, textMap } = canonicalMaps(m, 4, ridge);
    const lifted = (covariance: Matrix): Matrix => {
      const size = covariance.rows;
      return Matrix.add(covariance, Matrix.eye(size).mul((ridge * covariance.trace()) / size));
    };
    for (const [map, covariance] of [
      [imageMap, m.images],
      [textMap, m.texts],
    ] as const) {
      const unit = map.mmul(lifted(covariance)).mmul(map.transpose());
      expect(Matrix.sub(unit, Matrix.eye(4)).norm('frobenius')).toBeLessThan(1e-8);
    }
  });

  it.each([1e-9, 1, 1e9])('leaves out directions without variance, of rows about %f long', (length) => {
    const [few, texts] = planted(9, 300, 3, 3, 1);
    const plain = canonicalMaps(moments(few, texts), 3, 0);
    few.mul(length);
    // The fourth coordinate repeats the first.
    const images = new Matrix(few.to2DArray().map((row) => [...row, row[0]!]));
    const m = moments(images, texts);
    const { imageMap, textMap, correlations } = canonicalMaps(m, 3, 0);
    const found = imageMap.mmul(m.cross).mmul(textMap.transpose());
    expect(Matrix.sub(found, Matrix.diag([...correlations])).norm('frobenius')).toBeLessThan(1e-6);
    expect([...correlations]).toEqual([...plain.correlations].map((value) => expect.closeTo(value, 6)));
    const without = imageMap.mmul(Matrix.columnVector([1, 0, 0, -1]));
    expect(without.norm('frobenius') / imageMap.norm('frobenius')).toBeLessThan(1e-9);
  });

  it('recovers a planted linear map: each pair is most like its own caption', () => {
    const [images, texts] = planted(8, 200, 8, 5, 0.02);
    const m = moments(images, texts);
    const maps = canonicalMaps(m, 5, 1e-6);
    expect(maps.correlations[4]).toBeGreaterThan(0.99);
    const a = alignedRows(images, m.imageMean, maps.imageMap, maps.correlations, 'image');
    const b = alignedRows(texts, m.textMean, maps.textMap, maps.correlations, 'text');
    const width = 7;
    const row = (values: Float32Array, i: number): Float32Array =>
      values.subarray(i * width, (i + 1) * width);
    const product = (x: Float32Array, y: Float32Array): number =>
      x.reduce((sum, value, j) => sum + value * y[j]!, 0);
    let right = 0;
    for (let i = 0; i < 200; i++) {
      expect(product(row(a, i), row(a, i))).toBeCloseTo(1, 5);
      expect(product(row(b, i), row(b, i))).toBeCloseTo(1, 5);
      const scores = Array.from({ length: 200 }, (_, j) => product(row(a, i), row(b, j)));
      if (scores.indexOf(Math.max(...scores)) === i) right++;
    }
    expect(right).toBeGreaterThan(190);
  });

  it('makes rows whose products are the similarity of the definition, and none of a row at the mean', () => {
    const [images, texts] = planted(5, 60, 5, 7, 0.5);
    const m = moments(images, texts);
    const { imageMap, textMap, correlations } = canonicalMaps(m, 3, 0.01);
    const a = alignedRows(images, m.imageMean, imageMap, correlations, 'image');
    const b = alignedRows(texts, m.textMean, textMap, correlations, 'text');
    const map = (rows: Matrix, i: number, mean: Float64Array, by: Matrix): number[] =>
      by.mmul(Matrix.columnVector(rows.getRow(i).map((x, j) => x - mean[j]!))).to1DArray();
    for (const [i, j] of [
      [0, 0],
      [3, 41],
      [59, 7],
    ] as const) {
      const [x, y] = [map(images, i, m.imageMean, imageMap), map(texts, j, m.textMean, textMap)];
      const expected =
        x.reduce((sum, value, r) => sum + correlations[r]! * value * y[r]!, 0) /
        Math.hypot(...x) /
        Math.hypot(...y);
      const found = Array.from({ length: 5 }, (_, r) => a[i * 5 + r]! * b[j * 5 + r]!).reduce(
        (s, x) => s + x,
        0,
      );
      expect(found).toBeCloseTo(expected, 6);
    }
    const still = alignedRows(
      Matrix.rowVector([...m.imageMean]),
      m.imageMean,
      imageMap,
      correlations,
      'image',
    );
    expect([...still]).toEqual([0, 0, 0, 0, 0]);
  });
});
