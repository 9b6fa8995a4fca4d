import { withDecompositionMemory, type DecompositionMemory } from './decompositionMemory.js';
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
export function largestEigenvalue(
  matrix: Float64Array,
  n: number,
  checkpoint: () => Promise<void>,
): Promise<number> {
  return withDecompositionMemory(n, (work) => largestIn(work, matrix, checkpoint));
}

async function largestIn(
  { n, memory, matrices, vectors }: DecompositionMemory,
  matrix: Float64Array,
  checkpoint: () => Promise<void>,
): Promise<number> {
  const [own, basis] = matrices;
  const [next] = vectors;
  own.set(matrix);
  const random = new Random(1);
  for (let i = 0; i < n; i++) next[i] = random.normal();
  const diagonal: number[] = [];
  const beside: number[] = [];
  let length = norm(next);
  for (let steps = 1; ; steps++) {
    const q = basis.subarray((steps - 1) * n, steps * n);
    for (let i = 0; i < n; i++) q[i] = next[i]! / length;
    memory.timesVector(own.byteOffset, q.byteOffset, next.byteOffset, n);
    diagonal.push(dot(next, q));
    // Twice, for the digits of the second time.
    for (let pass = 0; pass < 2; pass++) memory.takeAway(next.byteOffset, basis.byteOffset, steps, n);
    length = norm(next);
    const done = steps === n;
    if (!done && steps % STEPS !== 0 && length > 0) {
      beside.push(length);
      continue;
    }
    await checkpoint();
    const reduced = { diagonal: Float64Array.from(diagonal), beside: Float64Array.from(beside) };
    const [value] = largestValues(reduced, 1);
    const vector = vectorsOf(reduced, Float64Array.of(value!));
    if (done || length * Math.abs(vector.at(-1)!) <= RESIDUAL * value!) return value!;
    beside.push(length);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (x: Float64Array): number => Math.sqrt(dot(x, x));
