import fc from 'fast-check';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Evaluated, EvaluationContext } from '../../../server/evaluation/evaluated.js';
import { evaluateSubsets } from '../../../server/evaluation/evaluateSubset.js';
import { plainDuplicates } from '../selection/plainDuplicates.js';
import { PlainObjective } from '../selection/plainGreedy.js';
import { dot, numbers, samplePairs, unit } from '../selection/samples.js';
import { contextOf, RANK, weights } from './plainContext.js';
import { crossCovariance, plainMeasures, type PlainPairs } from './plainMeasures.js';
import { between } from '../selection/between.js';

const asMatrix = (flat: number[]): Matrix =>
  Matrix.from1DArray(Math.sqrt(flat.length), Math.sqrt(flat.length), flat);

async function evaluateSubset(rows: Int32Array, context: EvaluationContext): Promise<Evaluated> {
  const { found } = await evaluateSubsets([{ rows, sizes: [rows.length] }], context);
  return found[0]![0]!;
}

const evaluate = async (pairs: PlainPairs, subset: number[], classes = 4): Promise<Evaluated> =>
  evaluateSubset(Int32Array.from(subset), await contextOf(pairs, classes));

const problems = fc
  .record({
    seed: fc.nat(),
    rows: fc.integer({ min: 8, max: 60 }),
    // Below and above the sizes of the classes: small classes are measured in another way than large ones.
    dim: fc.constantFrom(2, 3, 5, 8, 24),
    lean: between(-0.8, 0.8),
    repeats: fc.constantFrom(0, 0.4),
  })
  .map(({ seed, rows, dim, lean, repeats }): PlainPairs & { subset: number[] } => {
    const next = numbers(seed + 1);
    const labels = Array.from({ length: rows }, () => Math.floor(((next() + 1) / 2) * 5) - 1);
    const valid = labels.flatMap((k, row) => (k >= 0 ? [row] : []));
    const subset = valid.filter(() => next() > 0);
    return { ...samplePairs(seed, rows, dim, { lean, repeats }), labels, subset };
  })
  .filter(({ subset }) => subset.length > 2);

describe('evaluateSubset', () => {
  it('agrees with the definition of every measure', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ subset, ...pairs }) => {
        const covariances = [
          subset,
          ...[0, 1, 2, 3].map((k) => pairs.labels.flatMap((l, i) => (l === k ? [i] : []))),
        ];
        // Covariances near zero have no digits in float32 that a relative error could be taken of.
        fc.pre(
          covariances
            .filter((rows) => rows.length > 1)
            .every((rows) => Math.sqrt(crossCovariance(pairs, rows).reduce((s, x) => s + x * x, 0)) > 0.03),
        );
        const units = pairs.images.map(unit);
        fc.pre(units.every((a, i) => units.slice(0, i).every((b) => Math.abs(dot(a, b) - 0.95) > 1e-5)));
        // Nor has the leading direction of a covariance that has two of the same strength.
        const gap = (rows: number[]): boolean => {
          const { diagonal } = new SingularValueDecomposition(asMatrix(crossCovariance(pairs, rows)));
          return diagonal[1] === undefined || diagonal[1] < 0.9 * diagonal[0]!;
        };
        fc.pre(gap(subset) && gap(pairs.labels.flatMap((k, row) => (k >= 0 ? [row] : []))));
        const found = await evaluate(pairs, subset);
        const expected = plainMeasures(pairs, subset, RANK);
        for (const [name, value] of Object.entries(expected)) {
          const measured = found[name as keyof Evaluated] as number;
          expect(Math.abs(measured - value), `${name}: ${measured} for ${value}`).toBeLessThanOrEqual(
            1e-6 * (1 + value),
          );
        }
        const members = [0, 1, 2, 3].map((k) => subset.filter((row) => pairs.labels[row] === k));
        const repeated = plainDuplicates(pairs.images, pairs.texts, members, 0.05);
        expect(found.duplicateRate).toBeCloseTo(repeated.length / subset.length, 12);
        const problem = {
          ...pairs,
          labels: Int32Array.from(pairs.labels),
          classes: 4,
          classEmbeddings: null,
          weights,
        };
        expect(found.objective.value).toBeCloseTo(new PlainObjective(problem).value(subset), 9);
        expect(found.pairs).toBe(subset.length);
      }),
      { numRuns: 120 },
    );
  });

  it('measures prefixes of several orders at once as it measures each alone, in large classes too', async () => {
    const rows = 2600;
    const { images, texts } = samplePairs(8, rows, 4, { lean: 0.3 });
    // One class is too large for products of all with all, and for one chunk.
    const labels = Array.from({ length: rows }, (_, i) => (i < 2200 ? 0 : 1 + (i % 3)));
    const pairs = { images, texts, labels };
    const context = await contextOf(pairs, 4);
    const next = numbers(2);
    const shuffled = [...context.all].sort(() => next());
    const orders = [Int32Array.from(shuffled.slice(0, 900)), Int32Array.from(shuffled.slice(300))];
    const nested = orders.map((order) => ({ rows: order, sizes: [60, 400, order.length] }));
    const { full, found } = await evaluateSubsets(nested, context);
    expect(full.covarianceError).toBe(0);
    for (const [i, { rows: order, sizes }] of nested.entries())
      for (const [s, size] of sizes.entries()) {
        const subset = [...order.subarray(0, size)];
        const expected = plainMeasures(pairs, subset, RANK);
        for (const [name, value] of Object.entries(expected)) {
          const measured = found[i]![s]![name as keyof Evaluated] as number;
          expect(Math.abs(measured - value), `${name}: ${measured} for ${value}`).toBeLessThanOrEqual(
            1e-6 * (1 + value),
          );
        }
        const members = [0, 1, 2, 3].map((k) => subset.filter((row) => labels[row] === k));
        const repeated = plainDuplicates(images, texts, members, 0.05);
        expect(found[i]![s]!.duplicateRate).toBeCloseTo(repeated.length / subset.length, 12);
      }
  });

  it('counts near-duplicates of a large class as the definition does, where bounds decide most pairs', async () => {
    const rows = 1300;
    const pairs = {
      ...samplePairs(12, rows, 32, { repeats: 0.3 }),
      labels: Array.from({ length: rows }, () => 0),
    };
    const subset = Array.from({ length: rows / 2 }, (_, i) => 2 * i);
    const repeated = plainDuplicates(pairs.images, pairs.texts, [subset], 0.05);
    expect(repeated.length).toBeGreaterThan(20);
    const found = await evaluate(pairs, subset, 1);
    expect(found.duplicateRate).toBeCloseTo(repeated.length / subset.length, 12);
  });

  it('is wrong about a random half by as much as theory says', async () => {
    const rows = 2000;
    const { images, texts } = samplePairs(9, rows, 4, { lean: 0.4 });
    const pairs = { images, texts, labels: images.map((_, i) => i % 20) };
    const context = await contextOf(pairs, 20);
    // Drawing without replacement, E‖C_S − C_V‖² = (1/s)·(n − s)/(n − 1)·Σ var of the centred products, to first order.
    const [v, l] = [images.map(unit), texts.map(unit)];
    const mean = (side: number[][]): number[] =>
      side[0]!.map((_, j) => side.reduce((sum, row) => sum + row[j]! / rows, 0));
    const [mv, ml] = [mean(v), mean(l)];
    const square = (a: number[], by: number[]): number => a.reduce((sum, x, j) => sum + (x - by[j]!) ** 2, 0);
    const whole = crossCovariance(pairs, [...context.all]).reduce((sum, x) => sum + x * x, 0);
    const spread = v.reduce((sum, row, i) => sum + (square(row, mv) * square(l[i]!, ml)) / rows, 0) - whole;
    const expected = Math.sqrt(((spread / 1000) * 1000) / 1999 / whole);
    const next = numbers(5);
    const draws = Array.from({ length: 40 }, () => {
      const half = [...context.all].map((row) => [next(), row] as const).sort((a, b) => a[0] - b[0]);
      return { rows: Int32Array.from(half.slice(0, 1000), ([, row]) => row), sizes: [1000] };
    });
    const errors = (await evaluateSubsets(draws, context)).found.map(([half]) => half!.covarianceError! ** 2);
    const found = Math.sqrt(errors.reduce((sum, x) => sum + x, 0) / errors.length);
    // Of 40 squares of about ten directions: a standard error near 5 %.
    expect(found / expected).toBeGreaterThan(0.85);
    expect(found / expected).toBeLessThan(1.15);
  });

  it('finds no error in the full set, however it is handed over, in whatever order', async () => {
    const pairs = { ...samplePairs(3, 50, 6), labels: Array.from({ length: 50 }, (_, i) => (i % 5) - 1) };
    const context = await contextOf(pairs, 4);
    for (const rows of [context.all, context.all.slice(), context.all.toReversed()]) {
      const found = await evaluateSubset(rows, context);
      expect(found.covarianceError).toBeCloseTo(0, 6);
      expect(found.covarianceDirection).toBeCloseTo(0, 6);
      expect(found.classCovarianceError).toBe(0);
      expect(found.imageCentreDistance).toBeCloseTo(0, 12);
      expect(found.textCentreDistance).toBeCloseTo(0, 12);
      expect(found.classesCovered).toBe(4);
    }
    expect((await evaluateSubset(context.all, context)).covarianceError).toBe(0);
  });

  it('does not depend on the order of the subset', async () => {
    const pairs = {
      ...samplePairs(4, 40, 5, { repeats: 0.3 }),
      labels: Array.from({ length: 40 }, (_, i) => i % 3),
    };
    const subset = [3, 1, 30, 12, 25, 7, 8, 9];
    const [one, other] = [await evaluate(pairs, subset), await evaluate(pairs, subset.toReversed())];
    for (const [name, value] of Object.entries(one))
      if (typeof value === 'number') expect(other[name as keyof Evaluated], name).toBeCloseTo(value, 6);
    expect(other.linear).toEqual(one.linear);
  });

  it('tells matched from shuffled captions by the CLIP score and the covariance of a clean set', async () => {
    const { images, texts } = samplePairs(5, 400, 6, { lean: 0.8 });
    // The second half describes the same pictures with each other's captions.
    const pairs = {
      images: [...images, ...images],
      texts: [...texts, ...texts.slice(1), texts[0]!],
      labels: Array.from({ length: 800 }, () => 0),
    };
    const half = (from: number): number[] => Array.from({ length: 400 }, (_, i) => from + i);
    const [matched, shuffled] = [await evaluate(pairs, half(0), 1), await evaluate(pairs, half(400), 1)];
    expect(matched.clipScore).toBeGreaterThan(0.8);
    expect(Math.abs(shuffled.clipScore)).toBeLessThan(0.1);
    // The full set's signal is halved by its noise: the clean half has twice it, the other half next to none.
    expect(matched.covarianceError).toBeCloseTo(1, 0);
    expect(matched.covarianceDirection!).toBeLessThan(0.05);
    expect(shuffled.covarianceError).toBeCloseTo(1, 0);
    expect(shuffled.covarianceDirection!).toBeGreaterThan(0.3);
  });

  it('does not fall for a large common part: the covariance keeps its digits', async () => {
    const { images, texts } = samplePairs(6, 80, 4);
    const shifted = (rows: number[][]): number[][] => rows.map((row) => row.map((x) => Math.fround(30 + x)));
    const pairs = { images: shifted(images), texts: shifted(texts), labels: images.map((_, i) => i % 2) };
    const subset = Array.from({ length: 30 }, (_, i) => 2 * i + (i % 2));
    const [found, expected] = [await evaluate(pairs, subset, 2), plainMeasures(pairs, subset, RANK)];
    expect(found.covarianceError! / expected.covarianceError).toBeCloseTo(1, 4);
    expect(found.covarianceDirection! / expected.covarianceDirection).toBeCloseTo(1, 3);
  });

  it('says nothing where there is nothing to be relative to, and never Infinity or NaN', async () => {
    const [up, down] = [
      [0, 1],
      [0, -1],
    ];
    // Each picture with each caption: no covariance at all, though a part of the pairs has some.
    const pairs = { images: [up, up, down, down], texts: [up, down, up, down], labels: [0, 0, 0, 0] };
    const found = await evaluate(pairs, [0, 3], 1);
    expect(found).toMatchObject({
      covarianceError: null,
      covarianceDirection: null,
      classCovarianceError: 0,
    });
    const one = await evaluate({ images: [up], texts: [up], labels: [0] }, [0], 1);
    expect(one).toMatchObject({ pairs: 1, covarianceError: 0, covarianceDirection: null, clipScore: 1 });
    // Half of what is there twice: not a digit of the covariance is different.
    const twice = { images: [up, down, up, down], texts: [up, down, up, down], labels: [0, 0, 0, 0] };
    const half = await evaluate(twice, [0, 1], 1);
    expect(half).toMatchObject({ covarianceError: 0, spectralError: 0, classCovarianceError: 0 });
    const none = await evaluate(pairs, [], 1);
    for (const value of Object.values({ ...found, ...one, ...none }))
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
  });
});
