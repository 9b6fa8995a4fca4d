import { Random } from '../selection/random.js';
import { largestValues, vectorsOf } from './tridiagonal.js';

/** ‖A·q − λ·q‖ at the end as a share of λ, whose own error is no more, and is its square but for values that close. */
const RESIDUAL = 1e-7;
/** Steps between which the residual is looked at. */
const STEPS = 8;

/**
 * The largest eigenvalue of a symmetric matrix [n, n] without negative ones, by Lanczos steps that are kept orthogonal: a
 * tenth of what all eigenvalues take.
 */
export async function largestEigenvalue(
  matrix: Float64Array,
  n: number,
  checkpoint: () => Promise<void>,
): Promise<number> {
  const random = new Random(1);
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let next = Float64Array.from({ length: n }, () => random.normal());
  let length = norm(next);
  for (;;) {
    const q = next.map((x) => x / length);
    basis.push(q);
    next = times(matrix, q);
    diagonal.push(dot(next, q));
    // Twice, for the digits of the second time.
    for (let pass = 0; pass < 2; pass++) for (const own of basis) takeAway(next, own);
    length = norm(next);
    const done = basis.length === n;
    if (!done && basis.length % STEPS !== 0 && length > 0) {
      beside.push(length);
      continue;
    }
    await checkpoint();
    const steps = { diagonal: Float64Array.from(diagonal), beside: Float64Array.from(beside) };
    const [value] = largestValues(steps, 1);
    const vector = vectorsOf(steps, Float64Array.of(value!));
    if (done || length * Math.abs(vector.at(-1)!) <= RESIDUAL * value!) return value!;
    beside.push(length);
  }
}

function times(matrix: Float64Array, x: Float64Array): Float64Array<ArrayBuffer> {
  const n = x.length;
  const y = new Float64Array(n);
  for (let i = 0, at = 0; i < n; i++) {
    // Four sums at once: one would wait for itself.
    let [a, b, c, d] = [0, 0, 0, 0];
    let j = 0;
    for (; j + 4 <= n; j += 4, at += 4) {
      a += matrix[at]! * x[j]!;
      b += matrix[at + 1]! * x[j + 1]!;
      c += matrix[at + 2]! * x[j + 2]!;
      d += matrix[at + 3]! * x[j + 3]!;
    }
    for (; j < n; j++, at++) a += matrix[at]! * x[j]!;
    y[i] = a + b + (c + d);
  }
  return y;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (x: Float64Array): number => Math.sqrt(dot(x, x));

function takeAway(x: Float64Array, unit: Float64Array): void {
  const inner = dot(x, unit);
  for (let i = 0; i < x.length; i++) x[i]! -= inner * unit[i]!;
}
