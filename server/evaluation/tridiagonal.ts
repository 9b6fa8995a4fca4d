import { KernelMemory } from '../kernels/kernels.js';
import { Random } from '../selection/random.js';

/** A symmetric tridiagonal matrix: its diagonal [n], and beside it [n − 1]. */
export interface Tridiagonal {
  diagonal: Float64Array;
  beside: Float64Array;
}

/** Halvings that leave nothing of an interval but rounding. */
const HALVINGS = 64;
/** Values that are narrowed down at once, as the kernel counts them. */
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
  const [lowest, most] = range({ diagonal, beside });
  const { shifts, found, countAtLeast } = counting({ diagonal, beside });
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
          if (j < found[2 * lane]!) values[j] = Math.max(values[j]!, shifts[lane]!);
          else above[j] = Math.min(above[j]!, shifts[lane]!);
    }
    // No later one is larger.
    for (let k = Math.max(1, first); k < end; k++) if (isLeft(values[k]!)) return values.slice(0, k);
  }
  return values;
}

/** Counts eigenvalues that are at least each of the shifts, into the even numbers of `found`. */
function counting({ diagonal, beside }: Tridiagonal): {
  shifts: Float64Array;
  found: Int32Array;
  countAtLeast: () => void;
} {
  const n = diagonal.length;
  const { memory, values, squares, shifts, found } = workspaceFor(n);
  values.set(diagonal);
  squares[0] = 0;
  for (let i = 1; i < n; i++) squares[i] = beside[i - 1]! * beside[i - 1]!;
  const tiny = Number.MIN_VALUE / Number.EPSILON;
  const at = [values, squares, shifts, found].map(({ byteOffset }) => byteOffset);
  return {
    shifts,
    found,
    countAtLeast: () => memory.countAtLeast(at[0]!, at[1]!, n, at[2]!, tiny, at[3]!),
  };
}

interface Workspace {
  memory: KernelMemory;
  values: Float64Array;
  squares: Float64Array;
  shifts: Float64Array;
  found: Int32Array;
}

/** Kept from one matrix to the next: kernel memories are scarce. */
let kept: Workspace | null = null;

function workspaceFor(n: number): Workspace {
  if (kept && kept.values.length >= n) return kept;
  const size = Math.max(1024, 2 ** Math.ceil(Math.log2(n)));
  const memory = new KernelMemory(2 * 8 * size + 2 * 8 * LANES + 64);
  const [values, squares, shifts] = [memory.float64(size), memory.float64(size), memory.float64(LANES)];
  return (kept = { memory, values, squares, shifts, found: memory.int32(2 * LANES) });
}

/** Orthonormal eigenvectors of the given eigenvalues as rows [count, n], by inverse iteration. */
export function vectorsOf(matrix: Tridiagonal, values: Float64Array): Float64Array {
  const n = matrix.diagonal.length;
  const vectors = new Float64Array(values.length * n);
  const [least, most] = range(matrix);
  const size = Math.max(Math.abs(least), Math.abs(most), LEAST_SIZE);
  const random = new Random(1);
  const factors = new Factors(matrix);
  for (let k = 0; k < values.length; k++) {
    const own = vectors.subarray(k * n, (k + 1) * n);
    for (let i = 0; i < n; i++) own[i] = random.normal();
    // Values that are the same to the last digits must not give the same factorisation.
    const shift = values[k]! + Number.EPSILON * size * (1 + (k % 8));
    // Vectors of values that are further apart are orthogonal by themselves.
    let first = k;
    while (first > 0 && values[first - 1]! - values[k]! < CLOSE * size) first--;
    factors.set(shift, size);
    for (let step = 0; step < STEPS; step++) {
      factors.solve(own);
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

/** T − λ after elimination with row exchanges; a pivot that vanishes becomes one that is tiny. */
class Factors {
  /** The rows of the triangle: pivot, and the two beside it. */
  private readonly pivot: Float64Array;
  private readonly next: Float64Array;
  private readonly second: Float64Array;
  /** What was taken away of each row below, and whether the two were exchanged before. */
  private readonly factor: Float64Array;
  private readonly exchanged: Uint8Array;

  constructor(private readonly matrix: Tridiagonal) {
    const n = matrix.diagonal.length;
    const row = (): Float64Array => new Float64Array(n);
    [this.pivot, this.next, this.second, this.factor] = [row(), row(), row(), row()];
    this.exchanged = new Uint8Array(n);
  }

  set(value: number, size: number): void {
    const { pivot, next, second, factor, exchanged } = this;
    const { diagonal, beside } = this.matrix;
    const n = diagonal.length;
    const tiny = Number.EPSILON * size;
    let a = diagonal[0]! - value;
    let b = beside[0] ?? 0;
    for (let i = 0; i + 1 < n; i++) {
      const below = beside[i]!;
      const middle = diagonal[i + 1]! - value;
      const right = i + 2 < n ? beside[i + 1]! : 0;
      const isLess = Math.abs(a) < Math.abs(below);
      exchanged[i] = isLess ? 1 : 0;
      if (isLess) {
        factor[i] = a / below;
        pivot[i] = below;
        next[i] = middle;
        second[i] = right;
        a = b - factor[i]! * middle;
        b = -factor[i]! * right;
      } else {
        pivot[i] = Math.abs(a) < tiny ? tiny : a;
        factor[i] = below / pivot[i]!;
        next[i] = b;
        second[i] = 0;
        a = middle - factor[i]! * b;
        b = right;
      }
    }
    pivot[n - 1] = Math.abs(a) < tiny ? tiny : a;
    next[n - 1] = 0;
  }

  /** x becomes (T − λ)⁻¹x, of length 1. */
  solve(x: Float64Array): void {
    const { pivot, next, second, factor, exchanged } = this;
    const n = x.length;
    for (let i = 0; i + 1 < n; i++) {
      const upper = x[i]!;
      if (exchanged[i]) {
        x[i] = x[i + 1]!;
        x[i + 1] = upper - factor[i]! * x[i]!;
      } else x[i + 1]! -= factor[i]! * upper;
    }
    let [below, under] = [0, 0];
    for (let i = n - 1; i >= 0; i--) {
      const own = (x[i]! - (next[i]! * below + second[i]! * under)) / pivot[i]!;
      x[i] = own;
      under = below;
      below = own;
    }
    normalise(x);
  }
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
