import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { leadingEigenpairs } from '../../../server/evaluation/eigenpairs.js';
import { largestEigenvalue } from '../../../server/evaluation/largestEigenvalue.js';
import { spectralNorm } from '../../../server/evaluation/singular.js';
import { largestValues, vectorsOf, type Tridiagonal } from '../../../server/evaluation/tridiagonal.js';
import { productsOf } from '../engine/testProducts.js';
import { nothing, numbers } from '../selection/samples.js';

const flatOf = (matrix: Matrix): Float64Array => Float64Array.from(matrix.to1DArray());

const asMatrix = ({ diagonal, beside }: Tridiagonal): Matrix => {
  const matrix = Matrix.diag([...diagonal]);
  beside.forEach((x, i) => {
    matrix.set(i, i + 1, x);
    matrix.set(i + 1, i, x);
  });
  return matrix;
};

const tridiagonal = (diagonal: number[], beside: number[]): Tridiagonal => ({
  diagonal: Float64Array.from(diagonal),
  beside: Float64Array.from(beside),
});

/** All eigenvalues, the largest first. */
const valuesOf = (matrix: Matrix): number[] =>
  new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues.toSorted((a, b) => b - a);

/** Eigenvectors as rows: how far each is from being one, and all from being orthonormal. */
function expectPairs(matrix: Matrix, vectors: Float64Array, values: Float64Array, digits = 12): void {
  const n = matrix.rows;
  expect(vectors).toHaveLength(values.length * n);
  if (values.length === 0) return;
  const rows = Matrix.from1DArray(values.length, n, [...vectors]);
  const size = Math.max(1, matrix.norm('frobenius'));
  const images = rows.mmul(matrix);
  const scaled = Matrix.diag([...values]).mmul(rows);
  expect(Matrix.sub(images, scaled).norm('max') / size).toBeLessThan(10 ** -digits);
  expect(Matrix.sub(rows.mmul(rows.transpose()), Matrix.eye(values.length)).norm('max')).toBeLessThan(
    10 ** -digits,
  );
}

const matrices = fc
  .record({ seed: fc.nat(), n: fc.integer({ min: 1, max: 24 }), kind: fc.constantFrom(0, 1, 2, 3) })
  .map(({ seed, n, kind }) => {
    const next = numbers(seed);
    const scale = 10 ** Math.round(4 * next());
    // All different; some apart from the others; many the same; no one larger than nothing.
    const own = [next, next, () => Math.round(2 * next()), () => -Math.abs(next())][kind]!;
    const side = [next, () => (next() > 0.3 ? next() : 0), () => (next() > 0.5 ? 1 : 0), next][kind]!;
    return tridiagonal(
      Array.from({ length: n }, () => scale * own()),
      Array.from({ length: n - 1 }, () => scale * side()),
    );
  });

/** Wilkinson's: its large values come in pairs that agree to the last digits. */
const WILKINSON = tridiagonal(
  Array.from({ length: 21 }, (_, i) => Math.abs(i - 10)),
  Array<number>(20).fill(1),
);

describe('a tridiagonal matrix', () => {
  it('has the eigenvalues of a whole decomposition, the largest first, as many as there are', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 26 }), (matrix, count) => {
        const all = valuesOf(asMatrix(matrix));
        const size = Math.max(...all.map(Math.abs));
        const found = largestValues(matrix, count);
        expect(found).toHaveLength(Math.min(count, all.length));
        found.forEach((value, k) =>
          expect(Math.abs(value - all[k]!)).toBeLessThanOrEqual(2e-14 * (size + 1e-9)),
        );
      }),
    );
  });

  it('leaves out values up to a share of the largest', () => {
    const nine = tridiagonal([1, 2, 64, 32, 16, 8, 4, 0.5, 0.25, 0.125, -3, -1], Array<number>(11).fill(0));
    const kept = (least?: number, count = 12): number[] =>
      [...largestValues(nine, count, least)].map((x) => Number(x.toFixed(9)));
    expect(kept(0.1)).toEqual([64, 32, 16, 8]);
    expect(kept(0.003)).toEqual([64, 32, 16, 8, 4, 2, 1, 0.5, 0.25]);
    expect(kept(0.003, 8)).toEqual([64, 32, 16, 8, 4, 2, 1, 0.5]);
    expect(kept()).toEqual([64, 32, 16, 8, 4, 2, 1, 0.5, 0.25, 0.125, -1, -3]);
    expect(kept(1)).toEqual([64]);
  });

  it('has orthonormal eigenvectors, of values that are the same or close as well', () => {
    const check = (matrix: Tridiagonal, count: number): void => {
      const values = largestValues(matrix, count);
      expectPairs(asMatrix(matrix), vectorsOf(matrix, values), values, 13);
    };
    fc.assert(fc.property(matrices, fc.integer({ min: 1, max: 24 }), check));
    check(WILKINSON, 21);
    check(tridiagonal(Array<number>(12).fill(3), Array<number>(11).fill(0)), 12);
    check(tridiagonal(Array<number>(20).fill(1), Array<number>(19).fill(1e-9)), 20);
    check(tridiagonal([0, 0, 0], [0, 0]), 3);
    // A value of 0, which is what the diagonal is too: no pivot is left but by an exchange of rows.
    check(tridiagonal(Array<number>(21).fill(0), Array<number>(20).fill(1)), 21);
    check(tridiagonal([1e-200, 2e-200], [1e-201]), 2);
  });
});

describe('leadingEigenpairs', () => {
  const symmetric = (seed: number, n: number): Matrix => {
    const next = numbers(seed);
    const half = new Matrix(Array.from({ length: n }, () => Array.from({ length: n }, next)));
    return Matrix.add(half, half.transpose());
  };

  it('are those of the whole matrix, whatever was decomposed before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        async (seed, n, count) => {
          const matrix = symmetric(seed, n);
          const { vectors, values } = await leadingEigenpairs(flatOf(matrix), n, count, nothing);
          expectPairs(matrix, vectors, values);
          const all = valuesOf(matrix);
          expect(values).toHaveLength(Math.min(n, count));
          values.forEach((value, k) => expect(value).toBeCloseTo(all[k]!, 12));
          // The same bits the next time, in the memory of this time.
          const again = await leadingEigenpairs(flatOf(matrix), n, count, nothing);
          expect(again).toEqual({ vectors, values });
        },
      ),
    );
  });

  it('of matrices with nothing to reflect', async () => {
    for (const matrix of [
      Matrix.diag([1, 5, 3, 5, 2]),
      Matrix.zeros(4, 4),
      Matrix.eye(9),
      asMatrix(WILKINSON),
      // A row that has nothing beyond its neighbour, before one that has.
      new Matrix([
        [1, 2, 0, 0],
        [2, 1, 3, 4],
        [0, 3, 1, 5],
        [0, 4, 5, 1],
      ]),
    ]) {
      const n = matrix.rows;
      const { vectors, values } = await leadingEigenpairs(flatOf(matrix), n, n, nothing);
      expectPairs(matrix, vectors, values);
      const all = valuesOf(matrix);
      values.forEach((value, k) => expect(value).toBeCloseTo(all[k]!, 12));
    }
    const { values } = await leadingEigenpairs(flatOf(Matrix.diag([1, 100, 3])), 3, 3, nothing, 0.02);
    expect([...values].map(Math.round)).toEqual([100, 3]);
  });

  it('keeps its digits where a row has little beyond its neighbour, whatever the signs', async () => {
    for (const sign of [1, -1]) {
      const next = numbers(11);
      const matrix = asMatrix(
        tridiagonal(
          Array.from({ length: 12 }, next),
          Array.from({ length: 11 }, () => sign * (2 + next())),
        ),
      );
      for (let i = 0; i < 12; i++)
        for (let j = 0; j < i - 1; j++) {
          const little = 1e-8 * next();
          matrix.set(i, j, little);
          matrix.set(j, i, little);
        }
      const { vectors, values } = await leadingEigenpairs(flatOf(matrix), 12, 12, nothing);
      expectPairs(matrix, vectors, values, 13);
    }
  });

  it('has memory for wide matrices', async () => {
    const n = 2100;
    const stop = (): Promise<void> => Promise.reject(new Error('stopped'));
    await expect(leadingEigenpairs(new Float64Array(n * n), n, 1, stop)).rejects.toThrow('stopped');
  });

  it('can be stopped on the way', async () => {
    const n = 150;
    let passed = 0;
    const matrix = symmetric(7, n);
    const { vectors, values } = await leadingEigenpairs(flatOf(matrix), n, 70, async () => void passed++);
    // Steps 0, 64 and 128 of 148, and vectors 0 and 64.
    expect(passed).toBe(5);
    expectPairs(matrix, vectors, values);
    const stop = (): Promise<void> => Promise.reject(new Error('stopped'));
    await expect(leadingEigenpairs(flatOf(matrix), n, 3, stop)).rejects.toThrow('stopped');
  });
});

describe('largestEigenvalue', () => {
  it('is that of the whole matrix', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        async (seed, n, rank) => {
          const next = numbers(seed);
          const half = new Matrix(
            Array.from({ length: Math.min(n, rank) }, () => Array.from({ length: n }, next)),
          );
          const matrix = half
            .transpose()
            .mmul(half)
            .mul(10 ** Math.round(6 * next()));
          const found = await largestEigenvalue(flatOf(matrix), n, nothing);
          expect(found / valuesOf(matrix)[0]!).toBeCloseTo(1, 11);
        },
      ),
    );
    expect(await largestEigenvalue(flatOf(Matrix.eye(6).mul(7)), 6, nothing)).toBeCloseTo(7, 12);
    expect(await largestEigenvalue(new Float64Array(25), 5, nothing)).toBeCloseTo(0, 12);
  });

  it('takes few steps where it stands out, and looks at what is left every eighth', async () => {
    const n = 120;
    const looks = async (values: number[]): Promise<number> => {
      let passed = 0;
      const found = await largestEigenvalue(flatOf(Matrix.diag(values)), n, async () => void passed++);
      expect(found / Math.max(...values)).toBeCloseTo(1, 12);
      return passed;
    };
    expect(await looks(Array.from({ length: n }, (_, i) => (i === 50 ? 100 : 1 + i / n)))).toBe(1);
    // The two largest are near each other.
    const close = await looks(Array.from({ length: n }, (_, i) => 1 + i / n));
    expect(close).toBeGreaterThan(3);
    expect(close).toBeLessThan(n / 8);
  });
});

it('the spectral norm is the largest singular value', async () => {
  for (const [seed, n] of [
    [1, 1],
    [2, 7],
    [3, 40],
  ] as const) {
    const next = numbers(seed);
    const matrix = new Matrix(Array.from({ length: n }, () => Array.from({ length: n }, next)));
    const found = await spectralNorm(flatOf(matrix), { products: productsOf(n), checkpoint: nothing });
    expect(found).toBeCloseTo(new SingularValueDecomposition(matrix).norm2, 10);
  }
  expect(await spectralNorm(new Float64Array(9), { products: productsOf(3), checkpoint: nothing })).toBe(0);
});
