import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Random } from '../selection/random.js';

/** left · rightᵀ of rows of width d, in float64. */
export type Multiply = (left: Float64Array, right: Float64Array) => Promise<Float64Array>;

/** Eigenvectors as rows [count, d], largest eigenvalue first. */
export interface Eigenpairs {
  vectors: Float64Array;
  values: Float64Array;
}

/** Directions beside those that are wanted: the more, the fewer rounds. */
const BUFFER = 32;
/** ‖A·q − λ·q‖ of a direction that is done, as a share of its λ and of the largest. */
const RESIDUAL = { own: 1e-7, largest: 1e-13 };
/** How much more than the least a filter may strengthen a direction: beyond it rows grow too alike to be told apart. */
const GROWTH = 1e4;
const DEGREE = 24;
const ROUNDS = 200;

/**
 * The leading eigenpairs of a symmetric matrix [d, d] without negative eigenvalues, by subspace iteration with Chebyshev
 * filters (Zhou and Saad, 2007): nearly all of its work is products, which the engine does a hundred times as fast as
 * this thread would. Directions that are done are taken out of the matrix, so that the filters can be of higher degree.
 * `start` are rows that may be near the vectors: those of a matrix that is nearly this one save most rounds. Throws where it
 * does not come to an end.
 */
export async function leadingEigenpairs(
  matrix: Float64Array,
  dim: number,
  rank: number,
  multiply: Multiply,
  checkpoint: () => Promise<void>,
  start = new Float64Array(0),
): Promise<Eigenpairs> {
  const block = Math.min(dim, rank + BUFFER);
  const random = new Random(1);
  const first = Float64Array.from({ length: block * dim }, () => random.normal());
  first.set(start.subarray(0, first.length));
  let q = await rayleighRitz(await orthonormal(first, dim, multiply), matrix, dim, multiply);
  for (let round = 0; round < ROUNDS; round++) {
    await checkpoint();
    const done = countDone(q, dim);
    if (done >= rank) return { vectors: q.vectors.slice(0, rank * dim), values: q.values.slice(0, rank) };
    const top = q.values[done]!;
    const cut = Math.max(q.values[block - 1]!, top / GROWTH, Number.MIN_VALUE);
    const left = await deflated(matrix, q, done, dim, multiply);
    const filtered = await filter(left, q.vectors.subarray(done * dim), cut, degree(top / cut), multiply);
    const rows = q.vectors.slice();
    rows.set(filtered, done * dim);
    q = await rayleighRitz(await orthonormal(rows, dim, multiply), matrix, dim, multiply);
  }
  throw new Error('the leading directions of a cross-covariance did not settle');
}

interface RitzPairs extends Eigenpairs {
  /** A·q of each row. */
  images: Float64Array;
}

/** How many of the leading pairs are done; those behind an unfinished one do not count. */
function countDone({ vectors, values, images }: RitzPairs, dim: number): number {
  for (const [i, value] of values.entries()) {
    let square = 0;
    for (let p = i * dim; p < (i + 1) * dim; p++) square += (images[p]! - value * vectors[p]!) ** 2;
    if (Math.sqrt(square) > Math.max(RESIDUAL.own * value, RESIDUAL.largest * values[0]!)) return i;
  }
  return values.length;
}

/** The largest degree whose Chebyshev polynomial does not exceed the growth at `ratio` times the cut. */
function degree(ratio: number): number {
  const steepness = Math.acosh(Math.max(1 + 1e-9, 2 * ratio - 1));
  return Math.max(1, Math.min(DEGREE, Math.floor(Math.acosh(GROWTH) / steepness)));
}

/** A − Σ λ_i q_i q_iᵀ of the first pairs. */
async function deflated(
  matrix: Float64Array,
  { vectors, values }: Eigenpairs,
  count: number,
  dim: number,
  multiply: Multiply,
): Promise<Float64Array> {
  if (count === 0) return matrix;
  const own = transposed(vectors.subarray(0, count * dim), dim);
  const scaled = own.map((value, at) => value * (values[at % dim] ?? 0));
  const part = await multiply(scaled, own);
  return matrix.map((value, i) => value - part[i]!);
}

/** T_m of the matrix with [0, cut] mapped to [−1, 1], applied to rows; each row then has length 1. */
async function filter(
  matrix: Float64Array,
  rows: Float64Array,
  cut: number,
  degree: number,
  multiply: Multiply,
): Promise<Float64Array> {
  const dim = Math.sqrt(matrix.length);
  const half = cut / 2;
  let before = rows;
  let now = (await multiply(rows, matrix)).map((value, i) => value / half - rows[i]!);
  for (let step = 1; step < degree; step++) {
    const [old, current] = [before, now];
    const next = (await multiply(current, matrix)).map(
      (value, i) => 2 * (value / half - current[i]!) - old[i]!,
    );
    before = current;
    now = next;
  }
  return unitRows(now, dim);
}

/** The best eigenpairs within the space of orthonormal rows. */
async function rayleighRitz(
  rows: Float64Array,
  matrix: Float64Array,
  dim: number,
  multiply: Multiply,
): Promise<RitzPairs> {
  const images = await multiply(rows, matrix);
  const count = rows.length / dim;
  const small = Matrix.from1DArray(count, count, await multiply(images, rows));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(small, {
    assumeSymmetric: true,
  });
  const turn = new Float64Array(count * count);
  // Eigenvalues ascend.
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) turn[i * count + j] = eigenvectorMatrix.get(j, count - 1 - i);
  return {
    vectors: await combined(turn, rows, dim, multiply),
    images: await combined(turn, images, dim, multiply),
    values: Float64Array.from(realEigenvalues).reverse(),
  };
}

/** An orthonormal basis of the space of the rows, by Cholesky decomposition of their products, twice for its digits. */
async function orthonormal(rows: Float64Array, dim: number, multiply: Multiply): Promise<Float64Array> {
  let basis = unitRows(rows, dim);
  for (let pass = 0; pass < 2; pass++)
    basis = await combined(inverseFactor(await multiply(basis, basis)), basis, dim, multiply);
  return basis;
}

/** L⁻¹ of G = L·Lᵀ, [n, n]. */
function inverseFactor(gram: Float64Array): Float64Array {
  const n = Math.sqrt(gram.length);
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = gram[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!;
      factor[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.EPSILON)) : sum / factor[j * n + j]!;
    }
    const pivot = factor[i * n + i]!;
    for (let k = 0; k < i; k++) {
      const weight = factor[i * n + k]! / pivot;
      for (let j = 0; j <= k; j++) inverse[i * n + j]! -= weight * inverse[k * n + j]!;
    }
    inverse[i * n + i] = 1 / pivot;
  }
  return inverse;
}

/** coefficients [m, n] · rows [n, d]. */
function combined(
  coefficients: Float64Array,
  rows: Float64Array,
  dim: number,
  multiply: Multiply,
): Promise<Float64Array> {
  const count = rows.length / dim;
  // Products are of rows of width d: the rest is zeros.
  const wide = new Float64Array((coefficients.length / count) * dim);
  for (let i = 0; i * count < coefficients.length; i++)
    wide.set(coefficients.subarray(i * count, (i + 1) * count), i * dim);
  return multiply(wide, transposed(rows, dim));
}

/** rows [n, d] as columns of [d, d], zeros behind them. */
function transposed(rows: Float64Array, dim: number): Float64Array {
  const columns = new Float64Array(dim * dim);
  for (let i = 0, at = 0; at < rows.length; i++)
    for (let j = 0; j < dim; j++, at++) columns[j * dim + i] = rows[at]!;
  return columns;
}

function unitRows(rows: Float64Array, dim: number): Float64Array {
  for (let at = 0; at < rows.length; at += dim) {
    let square = 0;
    for (let p = at; p < at + dim; p++) square += rows[p]! ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let p = at; p < at + dim; p++) rows[p]! *= scale;
  }
  return rows;
}
