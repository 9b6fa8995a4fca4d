import type { EmbeddingTable } from '../rows/pairBlock.js';
import { sumClasses, type ClassSums } from '../selection/crossCovariance.js';
import { unitPairs } from '../selection/unitRows.js';
import type { EvaluationContext } from './evaluated.js';
import { moments, relativeError } from './moments.js';

/** Up to so many pairs, comparing them one by one costs less than a [dim, dim] matrix. */
const SMALL_CLASS = 64;

/** Σ_k n_k · ‖C_{S_k} − C_{V_k}‖/‖C_{V_k}‖ over Σ n_k; a class without picks has an empty covariance and counts 1. */
export async function classCovarianceError(
  picked: Int32Array[],
  context: EvaluationContext,
): Promise<number> {
  let weighted = 0;
  let total = 0;
  for (const [k, all] of context.members.entries()) {
    // One pair has no covariance: there is nothing to be near to.
    if (all.length < 2) continue;
    total += all.length;
    const rows = picked[k]!;
    if (rows.length === 0) weighted += all.length;
    else if (rows.length < all.length)
      weighted +=
        all.length *
        (all.length <= SMALL_CLASS
          ? smallClassError(context.table, rows, all)
          : await largeClassError(k, rows, all, context));
    await context.checkpoint();
  }
  return total ? weighted / total : 0;
}

async function largeClassError(
  k: number,
  rows: Int32Array,
  all: Int32Array,
  { table, terms: { sums }, products, checkpoint }: EvaluationContext,
): Promise<number> {
  const mean = (side: Float64Array): Float64Array =>
    side.slice(k * sums.dim, (k + 1) * sums.dim).map((value) => value / sums.counts[k]!);
  const origin = { image: mean(sums.images), text: mean(sums.texts) };
  const full = await moments(table, all, origin, products, checkpoint);
  const own = await moments(table, rows, origin, products, checkpoint);
  return relativeError(own.crossCovariance, full.crossCovariance) ?? 0;
}

/**
 * The same for a class of few pairs, without any [dim, dim] matrix:
 * ⟨C_A,C_B⟩_F = (1/|A||B|) Σ_{i∈A,j∈B} ⟨ṽ_i,ṽ_j⟩⟨l̃_i,l̃_j⟩ over centred rows.
 */
function smallClassError(table: EmbeddingTable, rows: Int32Array, all: Int32Array): number {
  const own = centredRows(table, rows);
  const full = centredRows(table, all);
  const size = covarianceInner(full, full);
  if (size <= 0) return 0;
  const square = covarianceInner(own, own) + size - 2 * covarianceInner(own, full);
  return Math.sqrt(Math.max(0, square) / size);
}

/** Unit rows minus their means, [rows, dim] each, in float64: the square of a difference has half the digits of its root. */
interface CentredRows {
  rows: number;
  dim: number;
  images: Float64Array;
  texts: Float64Array;
}

function centredRows(table: EmbeddingTable, rows: Int32Array): CentredRows {
  const { dim } = table;
  const { images, texts } = unitPairs(table, rows);
  for (const values of [images, texts]) {
    const mean = new Float64Array(dim);
    for (let i = 0, p = 0; i < rows.length; i++)
      for (let j = 0; j < dim; j++, p++) mean[j]! += values[p]! / rows.length;
    for (let i = 0, p = 0; i < rows.length; i++) for (let j = 0; j < dim; j++, p++) values[p]! -= mean[j]!;
  }
  return { rows: rows.length, dim, images, texts };
}

function covarianceInner(a: CentredRows, b: CentredRows): number {
  const { dim } = a;
  let sum = 0;
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < b.rows; j++) {
      let images = 0;
      let texts = 0;
      for (let c = 0, p = i * dim, q = j * dim; c < dim; c++, p++, q++) {
        images += a.images[p]! * b.images[q]!;
        texts += a.texts[p]! * b.texts[q]!;
      }
      sum += images * texts;
    }
  return sum / (a.rows * b.rows);
}

/** Mean over the covered classes of the distance between the centres of picks and of all pairs. */
export async function centreDistances(
  table: EmbeddingTable,
  labels: Int32Array,
  rows: Int32Array,
  sums: ClassSums,
  checkpoint: () => Promise<void>,
): Promise<{ images: number; texts: number }> {
  const { dim } = sums;
  const own = await sumClasses(table, labels, sums.classes, rows, checkpoint);
  const mean = (side: 'images' | 'texts'): number => {
    let distance = 0;
    let covered = 0;
    for (let k = 0; k < sums.classes; k++) {
      if (own.counts[k] === 0) continue;
      let square = 0;
      for (let p = k * dim; p < (k + 1) * dim; p++)
        square += (own[side][p]! / own.counts[k]! - sums[side][p]! / sums.counts[k]!) ** 2;
      distance += Math.sqrt(square);
      covered++;
    }
    return covered ? distance / covered : 0;
  };
  return { images: mean('images'), texts: mean('texts') };
}
