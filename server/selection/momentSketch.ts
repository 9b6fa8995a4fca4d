import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Random } from './random.js';
import type { SelectionInput } from './selectionInput.js';
import { unitPairs } from './unitRows.js';

const BLOCK_ROWS = 1024;

/** Second moments of sketched pairs along the axes of the sketch's covariance. */
export interface MomentSketch {
  /** m: numbers a pair. */
  width: number;
  /** a_ej = ⟨u_j, y_e⟩², [rows, m]. */
  squares: Float32Array;
  /** λ_j = mean of a_ej over the rows, [m]. */
  eigenvalues: Float64Array;
}

/**
 * y_e = Ωᵀ [v_e; l_e] with Ω Gaussian of variance 1/m, [2·dim, m] by the seed, seen along the eigenvectors u_j of
 * Σ = mean y yᵀ: stage (i) of SkMM, and what its stage (ii) needs of it.
 */
export async function momentSketch(
  input: SelectionInput,
  rows: Int32Array,
  width: number,
): Promise<MomentSketch> {
  const { dim } = input.table;
  const random = new Random(input.seed);
  const draw = (): Float64Array =>
    Float64Array.from({ length: width * dim }, () => random.normal() / Math.sqrt(width));
  const [ofImages, ofTexts] = [draw(), draw()];
  const sketch = new Float32Array(rows.length * width);
  const covariance = new Matrix(width, width);
  for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
    await input.checkpoint(first, rows.length);
    const { images, texts } = unitPairs(input.table, rows.subarray(first, first + BLOCK_ROWS));
    // In float64, as a rounding may decide which way the weights go.
    const fromImages = await input.products.crossInDouble(images, ofImages);
    const fromTexts = await input.products.crossInDouble(texts, ofTexts);
    const block = Float32Array.from(fromImages, (value, i) => value + fromTexts[i]!);
    sketch.set(block, first * width);
    addOuter(covariance, block, width);
  }
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(
    covariance.div(Math.max(1, rows.length)),
    { assumeSymmetric: true },
  );
  squareAlong(eigenvectorMatrix.transpose().to1DArray(), sketch, width);
  // A direction that no pair has is no moment to match; rounding may leave less than nothing of it.
  return { width, squares: sketch, eigenvalues: Float64Array.from(realEigenvalues, (x) => Math.max(0, x)) };
}

/** Adds Σ y yᵀ of the block to `sum`. */
function addOuter(sum: Matrix, block: Float32Array, width: number): void {
  const flat = new Float64Array(width * width);
  for (let at = 0; at < block.length; at += width)
    for (let i = 0; i < width; i++) {
      const factor = block[at + i]!;
      for (let j = 0; j <= i; j++) flat[i * width + j]! += factor * block[at + j]!;
    }
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++)
      sum.set(i, j, sum.get(i, j) + flat[Math.max(i, j) * width + Math.min(i, j)]!);
}

/** Replaces each row y by its squared products with `axes`, [m, m], an axis a row. */
function squareAlong(axes: number[], rows: Float32Array, width: number): void {
  const row = new Float64Array(width);
  const turned = Float64Array.from(axes);
  for (let at = 0; at < rows.length; at += width) {
    row.set(rows.subarray(at, at + width));
    for (let j = 0; j < width; j++) {
      let product = 0;
      for (let i = 0; i < width; i++) product += turned[j * width + i]! * row[i]!;
      rows[at + j] = product * product;
    }
  }
}
