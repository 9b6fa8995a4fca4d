import { Random } from '../selection/random.js';

/** A symmetric tridiagonal matrix: its diagonal [n], and beside it [n − 1]. */
export interface Tridiagonal {
  diagonal: Float64Array;
  beside: Float64Array;
}

/** Halvings that leave nothing of an interval but rounding. */
const HALVINGS = 64;
/** Values that are narrowed down at once: each waits for a division after the other, several wait together. */
const LANES = 8;
/** Steps of inverse iteration: two converge, the third is for vectors of close values. */
const STEPS = 3;
/** Values this close, as a share of the largest, whose vectors are made orthogonal. */
const CLOSE = 1e-3;
/** The size that a matrix of zeros is said to have: a pivot that is a rounding of it can be divided by. */
const LEAST_SIZE = 2 ** -500;

/**
 * The largest eigenvalues, descending: each by bisection, which finds as many as there are, however close. Those below
 * `least`, a share of the largest, are left out.
 */
export function largestValues(
  { diagonal, beside }: Tridiagonal,
  count: number,
  least?: number,
): Float64Array {
  const n = diagonal.length;
  const squares = beside.map((x) => x * x);
  const [lowest, most] = range({ diagonal, beside });
  const tiny = Number.MIN_VALUE / Number.EPSILON;
  const [shifts, quotients] = [new Float64Array(LANES), new Float64Array(LANES)];
  const found = new Int32Array(LANES);
  /** How many eigenvalues are at least each shift: the signs of a factorisation (Sturm). */
  const countAtLeast = (): void => {
    found.fill(0);
    quotients.fill(1);
    for (let i = 0; i < n; i++) {
      const own = diagonal[i]!;
      const square = i > 0 ? squares[i - 1]! : 0;
      // As many each time as the compiler knows of: fewer where fewer are asked would take longer.
      for (let lane = 0; lane < LANES; lane++) {
        const before = quotients[lane]!;
        const q = own - shifts[lane]! - square / (Math.abs(before) < tiny ? tiny : before);
        quotients[lane] = q;
        if (q >= 0) found[lane]!++;
      }
    }
  };
  // What is known of each: a count says something of all of them.
  const values = new Float64Array(Math.min(count, n)).fill(lowest);
  const above = new Float64Array(values.length).fill(most);
  const isLeft = (value: number): boolean => least !== undefined && value <= least * values[0]!;
  for (let first = 0; first < values.length; first += LANES) {
    const end = Math.min(values.length, first + LANES);
    for (let halving = 0; halving < HALVINGS; halving++) {
      let open = false;
      for (let k = first; k < end; k++) {
        const middle = (values[k]! + above[k]!) / 2;
        shifts[k - first] = middle;
        open ||= middle > values[k]! && middle < above[k]!;
      }
      if (!open) break;
      countAtLeast();
      for (let lane = 0; lane < end - first; lane++)
        for (let j = first; j < values.length; j++)
          if (j < found[lane]!) values[j] = Math.max(values[j]!, shifts[lane]!);
          else above[j] = Math.min(above[j]!, shifts[lane]!);
    }
    // No later one is larger.
    for (let k = Math.max(1, first); k < end; k++) if (isLeft(values[k]!)) return values.slice(0, k);
  }
  return values;
}

/** Orthonormal eigenvectors of the given eigenvalues as rows [count, n], by inverse iteration. */
export function vectorsOf(matrix: Tridiagonal, values: Float64Array): Float64Array {
  const n = matrix.diagonal.length;
  const vectors = new Float64Array(values.length * n);
  const [least, most] = range(matrix);
  const size = Math.max(Math.abs(least), Math.abs(most), LEAST_SIZE);
  const random = new Random(1);
  for (let k = 0; k < values.length; k++) {
    const own = vectors.subarray(k * n, (k + 1) * n);
    for (let i = 0; i < n; i++) own[i] = random.normal();
    // Values that are the same to the last digits must not give the same factorisation.
    const shift = values[k]! + Number.EPSILON * size * (1 + (k % 8));
    // Vectors of values that are further apart are orthogonal by themselves.
    let first = k;
    while (first > 0 && values[first - 1]! - values[k]! < CLOSE * size) first--;
    for (let step = 0; step < STEPS; step++) {
      solve(matrix, shift, size, own);
      // Twice, for the digits of the second time.
      for (let pass = 0; pass < 2; pass++) {
        for (let j = first; j < k; j++) takeAway(own, vectors.subarray(j * n, (j + 1) * n));
        normalise(own);
      }
    }
  }
  return vectors;
}

/** An interval that all eigenvalues are in (Gershgorin). */
function range({ diagonal, beside }: Tridiagonal): [least: number, most: number] {
  let [least, most, largest] = [Infinity, -Infinity, 0];
  for (let i = 0; i < diagonal.length; i++) {
    const radius = Math.abs(beside[i - 1] ?? 0) + Math.abs(beside[i] ?? 0);
    least = Math.min(least, diagonal[i]! - radius);
    most = Math.max(most, diagonal[i]! + radius);
    largest = Math.max(largest, Math.abs(diagonal[i]!) + radius);
  }
  const margin = 4 * Number.EPSILON * largest;
  return [least - margin, most + margin];
}

/** x becomes (T − λ)⁻¹x, by elimination with row exchanges; a pivot that vanishes becomes one that is tiny. */
function solve({ diagonal, beside }: Tridiagonal, value: number, size: number, x: Float64Array): void {
  const n = diagonal.length;
  // The rows of the triangle: pivot, and the two beside it.
  const pivot = new Float64Array(n);
  const next = new Float64Array(n);
  const second = new Float64Array(n);
  const tiny = Number.EPSILON * size;
  let [a, b] = [diagonal[0]! - value, beside[0] ?? 0];
  for (let i = 0; i + 1 < n; i++) {
    const [below, middle, right] = [beside[i]!, diagonal[i + 1]! - value, beside[i + 1] ?? 0];
    if (Math.abs(below) > Math.abs(a)) {
      const factor = a / below;
      [pivot[i], next[i], second[i]] = [below, middle, right];
      [a, b] = [b - factor * middle, -factor * right];
      const upper = x[i]!;
      x[i] = x[i + 1]!;
      x[i + 1] = upper - factor * x[i]!;
    } else {
      pivot[i] = Math.abs(a) < tiny ? tiny : a;
      const factor = below / pivot[i]!;
      [next[i], second[i]] = [b, 0];
      [a, b] = [middle - factor * b, right];
      x[i + 1]! -= factor * x[i]!;
    }
  }
  pivot[n - 1] = Math.abs(a) < tiny ? tiny : a;
  for (let i = n - 1; i >= 0; i--) {
    const rest = (i + 1 < n ? next[i]! * x[i + 1]! : 0) + (i + 2 < n ? second[i]! * x[i + 2]! : 0);
    x[i] = (x[i]! - rest) / pivot[i]!;
  }
  normalise(x);
}

function takeAway(x: Float64Array, unit: Float64Array): void {
  let inner = 0;
  for (let i = 0; i < x.length; i++) inner += x[i]! * unit[i]!;
  for (let i = 0; i < x.length; i++) x[i]! -= inner * unit[i]!;
}

function normalise(x: Float64Array): void {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]!));
  if (largest === 0) return;
  let square = 0;
  for (let i = 0; i < x.length; i++) {
    x[i]! /= largest;
    square += x[i]! ** 2;
  }
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < x.length; i++) x[i]! *= scale;
}
