import { KernelMemory } from '../kernels/kernels.js';
import { largestValues, vectorsOf } from './tridiagonal.js';

/** Eigenvectors as rows [count, n], largest eigenvalue first. */
export interface Eigenpairs {
  vectors: Float64Array;
  values: Float64Array;
}

/** Steps between which a checkpoint is passed. */
const STEPS = 64;
/** Vectors between which likewise: as many as lie where the matrix was, if it has so many rows. */
const VECTORS = 64;

/**
 * The leading eigenpairs of a symmetric matrix [n, n], directly: Householder reflections make it tridiagonal (4/3 n³
 * operations, whatever its spectrum), bisection and inverse iteration find the pairs of that. As good as float64 allows, and
 * the same bits on every machine. Values below `least`, a share of the largest, are left out.
 */
export async function leadingEigenpairs(
  matrix: Float64Array,
  n: number,
  count: number,
  checkpoint: () => Promise<void>,
  least?: number,
): Promise<Eigenpairs> {
  const work = workspaceOf(n);
  const { memory, rows, v, w, u, product, reflectors, factors } = work;
  rows.set(matrix);
  v.fill(0);
  w.fill(0);
  const beside = new Float64Array(Math.max(0, n - 1));
  for (let k = 0; k + 2 < n; k++) {
    if (k % STEPS === 0) await checkpoint();
    // Row k has waited for the step before: what that takes away of it is taken now.
    const row = rows.subarray(k * n, (k + 1) * n);
    const [vk, wk] = [v[k]!, w[k]!];
    for (let j = k; j < n; j++) row[j]! -= vk * w[j]! + wk * v[j]!;
    const { factor, length } = reflector(row, k + 1, u);
    factors[k] = factor;
    beside[k] = length;
    reflectors.set(u, k * n);
    product.fill(0);
    memory.rankTwo(rows.byteOffset, n, k + 1, v.byteOffset, w.byteOffset, u.byteOffset, product.byteOffset);
    // The next step: v = u and w = f·A·u − (f²/2)·⟨u, A·u⟩·u.
    let inner = 0;
    for (let j = k + 1; j < n; j++) inner += u[j]! * product[j]!;
    const half = (factor * factor * inner) / 2;
    v.set(u);
    v[k] = w[k] = 0;
    for (let j = k + 1; j < n; j++) w[j] = factor * product[j]! - half * u[j]!;
  }
  for (let i = Math.max(0, n - 2); i < n; i++)
    for (let j = i; j < n; j++) rows[i * n + j]! -= v[i]! * w[j]! + w[i]! * v[j]!;
  if (n > 1) beside[n - 2] = rows[(n - 2) * n + n - 1]!;
  const diagonal = Float64Array.from({ length: n }, (_, i) => rows[i * n + i]!);
  const values = largestValues({ diagonal, beside }, count, least);
  const vectors = vectorsOf({ diagonal, beside }, values);
  for (let first = 0; first < values.length; first += VECTORS) {
    await checkpoint();
    const some = vectors.subarray(first * n, (first + VECTORS) * n);
    rows.set(some);
    memory.reflectBack(rows.byteOffset, some.length / n, reflectors.byteOffset, factors.byteOffset, n);
    some.set(rows.subarray(0, some.length));
  }
  return { vectors, values };
}

/**
 * u of the reflection I − f·u·uᵀ that leaves of row[from…] nothing but its first element, `length`; zeros before `from`.
 */
function reflector(row: Float64Array, from: number, u: Float64Array): { factor: number; length: number } {
  u.fill(0, 0, from);
  let rest = 0;
  for (let j = from; j < row.length; j++) {
    u[j] = row[j]!;
    if (j > from) rest += row[j]! ** 2;
  }
  const first = row[from]!;
  if (rest === 0) {
    u.fill(0, from);
    return { factor: 0, length: first };
  }
  const length = first > 0 ? -Math.sqrt(first * first + rest) : Math.sqrt(first * first + rest);
  u[from] = first - length;
  return { factor: 2 / (u[from]! ** 2 + rest), length };
}

type Values = Float64Array<ArrayBuffer>;

interface Workspace {
  n: number;
  memory: KernelMemory;
  rows: Values;
  reflectors: Values;
  v: Values;
  w: Values;
  u: Values;
  product: Values;
  factors: Values;
}

/** Kept from one matrix to the next of its size: kernel memories are scarce. */
let kept: Workspace | null = null;

function workspaceOf(n: number): Workspace {
  if (kept?.n === n) return kept;
  const memory = new KernelMemory(8 * (2 * n * n + 5 * n) + 128);
  const [rows, reflectors] = [memory.float64(n * n), memory.float64(n * n)];
  const row = (): Values => memory.float64(n);
  const [v, w, u, product, factors] = [row(), row(), row(), row(), row()];
  return (kept = { n, memory, rows, reflectors, v, w, u, product, factors });
}
