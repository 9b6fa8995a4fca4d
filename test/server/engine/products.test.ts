import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../../server/engine/device.js';
import { outerProduct, similarPairs } from '../../../server/engine/products.js';

const CPU: Device = { name: 'cpu', report: { used: 'cpu', refused: [] } };

/** Rows of small whole numbers: every product is exact in float32, and ties are common. */
const matrix = (dim: number, minLength = 1): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: dim, maxLength: dim }), {
    minLength,
    maxLength: 12,
  });
const dims = fc.integer({ min: 1, max: 9 });
const flat = (rows: number[][]): Float32Array => Float32Array.from(rows.flat());
const dot = (a: number[], b: number[]): number => a.reduce((sum, x, j) => sum + x * b[j]!, 0);

describe('outerProduct', () => {
  it('is leftᵀ · right', async () => {
    const problem = dims.chain((dim) =>
      fc.record({
        dim: fc.constant(dim),
        pairs: fc.array(fc.tuple(vector(dim), vector(dim)), { minLength: 1, maxLength: 12 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(problem, async ({ dim, pairs }) => {
        const product = await outerProduct(CPU, dim);
        const found = await product(flat(pairs.map(([l]) => l)), flat(pairs.map(([, r]) => r)), pairs.length);
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

describe('similarPairs', () => {
  it('finds exactly the pairs strictly above the threshold', async () => {
    const problem = dims.chain((dim) =>
      fc.record({
        dim: fc.constant(dim),
        left: matrix(dim),
        right: matrix(dim),
        threshold: fc.integer({ min: -10, max: 30 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(problem, async ({ dim, left, right, threshold }) => {
        const similar = await similarPairs(CPU, dim);
        const found = await similar(flat(left), flat(right), threshold);
        const count = found.length / 2;
        const pairs = Array.from({ length: count }, (_, p) => `${found[p]},${found[count + p]}`);
        const expected = left.flatMap((a, i) =>
          right.flatMap((b, j) => (dot(a, b) > threshold ? [`${i},${j}`] : [])),
        );
        expect(pairs.sort()).toEqual(expected.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('finds nothing where nothing is similar', async () => {
    const similar = await similarPairs(CPU, 2);
    expect([...(await similar(Float32Array.of(1, 0), Float32Array.of(0, 1, 1, 0), 1))]).toEqual([]);
  });
});

function vector(dim: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: -3, max: 3 }), { minLength: dim, maxLength: dim });
}
