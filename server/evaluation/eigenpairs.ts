import { withDecompositionMemory, type DecompositionMemory } from './decompositionMemory.js';
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
export function leadingEigenpairs(
  matrix: Float64Array,
  n: number,
  count: number,
  checkpoint: () => Promise<void>,
  least?: number,
): Promise<Eigenpairs> {
  return withDecompositionMemory(n, (work) => eigenpairsIn(work, matrix, count, checkpoint, least));
}

async function eigenpairsIn(
  { n, memory, matrices, vectors: own }: DecompositionMemory,
  matrix: Float64Array,
  count: number,
  checkpoint: () => Promise<void>,
  least?: number,
): Promise<Eigenpairs> {
  const [rows, reflectors] = matrices;
  const [v, w, u, product, factors, beside] = own;
  rows.set(matrix);
  v.fill(0);
  w.fill(0);
  const [at, into, of, ...vectorsAt] = [rows, reflectors, factors, v, w, u, product].map((a) => a.byteOffset);
  for (let k = 0; k + 2 < n; k += STEPS) {
    await checkpoint();
    const end = Math.min(k + STEPS, n - 2);
    const [ofV, ofW, ofU, ofProduct] = vectorsAt;
    memory.reduce(at!, n, k, end, beside.byteOffset, into!, of!, ofV!, ofW!, ofU!, ofProduct!);
  }
  for (let i = Math.max(0, n - 2); i < n; i++)
    for (let j = i; j < n; j++) rows[i * n + j]! -= v[i]! * w[j]! + w[i]! * v[j]!;
  if (n > 1) beside[n - 2] = rows[(n - 2) * n + n - 1]!;
  const diagonal = Float64Array.from({ length: n }, (_, i) => rows[i * n + i]!);
  const tridiagonal = { diagonal, beside: beside.slice(0, Math.max(0, n - 1)) };
  const values = largestValues(tridiagonal, count, least);
  const vectors = vectorsOf(tridiagonal, values);
  for (let first = 0; first < values.length; first += VECTORS) {
    await checkpoint();
    const some = vectors.subarray(first * n, (first + VECTORS) * n);
    rows.set(some);
    memory.reflectBack(rows.byteOffset, some.length / n, reflectors.byteOffset, factors.byteOffset, n);
    some.set(rows.subarray(0, some.length));
  }
  return { vectors, values };
}
