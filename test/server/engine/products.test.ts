import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { productsOf } from './testProducts.js';

const dot = (a: number[], b: number[]): number => a.reduce((sum, x, j) => sum + x * b[j]!, 0);

/** Two blocks of small whole numbers: every product is exact. */
const blocks = fc.integer({ min: 1, max: 9 }).chain((dim) => {
  const row = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: dim, maxLength: dim });
  const rows = fc.array(row, { minLength: 1, maxLength: 12 });
  return fc.record({ dim: fc.constant(dim), left: rows, right: rows });
});

describe('EngineProducts', () => {
  it('rowMaxima is the largest of each left row', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async ({ dim, left, right }) => {
        const found = await productsOf(dim).rowMaxima(
          Float32Array.from(left.flat()),
          Float32Array.from(right.flat()),
          false,
        );
        expect([...found].map((x) => x + 0)).toEqual(
          left.map((a) => Math.max(...right.map((b) => dot(a, b))) + 0),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('rowMaxima of a block with itself looks at earlier rows alone', async () => {
    const rows = Float32Array.of(1, 0, 0, 1, 0.6, 0.8, 1, 0, -1, 0);
    const [first, ...others] = await productsOf(2).rowMaxima(rows, rows, true);
    expect(first).toBeLessThan(-1);
    [0, 0.8, 1, 0].forEach((value, i) => expect(others[i]).toBeCloseTo(value, 6));
  });

  it('crossProduct is every inner product', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async ({ dim, left, right }) => {
        const found = await productsOf(dim).cross(
          Float32Array.from(left.flat()),
          Float32Array.from(right.flat()),
        );
        expect([...found].map((x) => x + 0)).toEqual(left.flatMap((a) => right.map((b) => dot(a, b) + 0)));
      }),
      { numRuns: 60 },
    );
  });

  it('positiveSums adds what is above 0, by row and by column, in float64', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async ({ dim, left, right }) => {
        const { ofLeft, ofRight } = await productsOf(dim).positiveSums(
          Float64Array.from(left.flat()),
          Float64Array.from(right.flat()),
        );
        const positive = (a: number[], b: number[]): number => Math.max(0, dot(a, b));
        expect([...ofLeft]).toEqual(left.map((a) => right.reduce((sum, b) => sum + positive(a, b), 0)));
        expect([...ofRight]).toEqual(right.map((b) => left.reduce((sum, a) => sum + positive(a, b), 0)));
      }),
      { numRuns: 60 },
    );
    // 1 + 2⁻⁴⁰ is no float32.
    expect([
      ...(await productsOf(1).positiveSums(Float64Array.of(1), Float64Array.of(1 + 2 ** -40))).ofLeft,
    ]).toEqual([1 + 2 ** -40]);
  });

  it('outer is leftᵀ · right', async () => {
    const problem = fc.integer({ min: 1, max: 9 }).chain((dim) =>
      fc.record({
        dim: fc.constant(dim),
        pairs: fc.array(fc.tuple(vector(dim), vector(dim)), { minLength: 1, maxLength: 12 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(problem, async ({ dim, pairs }) => {
        const found = await productsOf(dim).outer(
          flatten(pairs.map(([l]) => l)),
          flatten(pairs.map(([, r]) => r)),
        );
        const expected = Array.from({ length: dim * dim }, (_, at) => {
          const [i, j] = [Math.floor(at / dim), at % dim];
          return pairs.reduce((sum, [left, right]) => sum + left[i]! * right[j]!, 0);
        });
        // The sign of a zero is nobody's business.
        expect([...found].map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
      }),
      { numRuns: 60 },
    );
  });
});

function vector(dim: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: -3, max: 3 }), { minLength: dim, maxLength: dim });
}

function flatten(rows: number[][]): Float32Array {
  return Float32Array.from(rows.flat());
}
