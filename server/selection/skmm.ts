import { ClipcovError } from '../errors.js';
import { candidates } from './baselines.js';
import { projectOnCappedSimplex } from './cappedSimplex.js';
import { momentSketch, type MomentSketch } from './momentSketch.js';
import { Random } from './random.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';

/** m, the width of the sketch: the released code tries 32 to 512. */
const WIDTH = 64;
/** c: a moment may fall short of 1/c of its eigenvalue by nothing; as released for the synthetic data. */
const SLACK = 0.999;
const STEPS = 100;
/** The sketch is held in memory, 4·m bytes a pair. */
const LARGEST_SKETCH = 2 ** 30;

/**
 * Sketchy moment matching (arXiv 2407.06120): S of n pairs that has at least the second moments of all, in a Gaussian
 * sketch. Its relaxation, as the authors' released code has it (Xiang-Pan/sketchy_moment_matching, synthetic/toy.ipynb):
 *
 *   min over s, γ of Σ_j (Σ_e s_e ⟨u_j, y_e⟩² − γ_j λ_j)²   with Σ s_e = 1, 0 ≤ s_e ≤ 1/n, γ_j ≥ 1/c,
 *
 * by projected gradient from 1/n on n random pairs. γ has its best value in closed form, so that only what falls short
 * counts. The features are [v; l] in place of gradients. Where the release leaves the step to Adam, the step here is
 * 1/n·t^−½ at the pair of steepest descent, and of all steps the one is kept whose n largest s, the rounding, match
 * best: exact minimisers are so many that the nearest one rounds back to the start.
 */
export async function selectSkmm(input: SelectionInput): Promise<SelectionOrder> {
  const rows = candidates(input.labels);
  const n = Math.min(input.subsetSize ?? input.budget, rows.length);
  if (4 * WIDTH * rows.length > LARGEST_SKETCH)
    throw new ClipcovError(
      'sketch-too-large',
      `skmm holds ${4 * WIDTH} bytes a pair, at most ${LARGEST_SKETCH / 2 ** 20} MiB; there are ${rows.length} pairs.`,
      { fix: "Narrow them down first, for example 'clip-score:30% | skmm'." },
    );
  if (n === 0) return { rows: new Int32Array(0), gains: new Float64Array(0) };
  const sketch = await momentSketch(input, rows, WIDTH);
  // Ties, of which there are as many as pairs at 0 and at 1/n, go to those drawn first, not to the first rows.
  const drawn = drawOrder(rows.length, input.seed);
  const s = new Float64Array(rows.length);
  for (let e = 0; e < s.length; e++) if (drawn[e]! < n) s[e] = 1 / n;
  let best: { misfit: number; order: Int32Array; weights: Float64Array } = {
    misfit: Infinity,
    order: new Int32Array(0),
    weights: s,
  };
  for (let step = 0; step <= STEPS; step++) {
    await input.checkpoint(step, STEPS);
    const order = heaviestFirst(s, drawn);
    const misfit = sumOfSquares(shortfall(momentsOf(sketch, order.subarray(0, n)), sketch));
    if (misfit < best.misfit) best = { misfit, order, weights: s.slice() };
    const short = shortfall(weightedMoments(sketch, s), sketch);
    input.check();
    if (misfit === 0 || !descend(s, short, sketch, 1 / (n * Math.sqrt(step + 1)))) break;
    projectOnCappedSimplex(s, 1 / n);
  }
  const kept = best.order.subarray(0, input.budget);
  return {
    rows: kept.map((e) => rows[e]!),
    gains: Float64Array.from(kept, (e) => n * best.weights[e]!),
  };
}

/** The place of each of `count` pairs in a seeded shuffle. */
function drawOrder(count: number, seed: number): Int32Array {
  const shuffled = new Random(seed).sample(
    Int32Array.from({ length: count }, (_, e) => e),
    count,
  );
  const places = new Int32Array(count);
  shuffled.forEach((e, place) => (places[e] = place));
  return places;
}

function heaviestFirst(s: Float64Array, drawn: Int32Array): Int32Array {
  return Int32Array.from({ length: s.length }, (_, e) => e).sort(
    (a, b) => s[b]! - s[a]! || drawn[a]! - drawn[b]!,
  );
}

/** min(0, moment_j − λ_j/c), [m]: what is left when γ_j is at its best. */
function shortfall(moments: Float64Array, { eigenvalues }: MomentSketch): Float64Array {
  return moments.map((moment, j) => Math.min(0, moment - eigenvalues[j]! / SLACK));
}

/** Mean a_ej over the given pairs, [m]. */
function momentsOf({ squares, width }: MomentSketch, pairs: Int32Array): Float64Array {
  const moments = new Float64Array(width);
  for (const e of pairs) for (let j = 0; j < width; j++) moments[j]! += squares[e * width + j]!;
  return moments.map((sum) => sum / pairs.length);
}

/** Σ_e s_e a_ej, [m]. */
function weightedMoments({ squares, width }: MomentSketch, s: Float64Array): Float64Array {
  const moments = new Float64Array(width);
  for (let e = 0; e < s.length; e++) {
    const weight = s[e]!;
    if (weight !== 0) for (let j = 0; j < width; j++) moments[j]! += weight * squares[e * width + j]!;
  }
  return moments;
}

/** s −= step · ∇ / max |∇|, ∇_e = 2 Σ_j short_j a_ej; false where there is no way down. */
function descend(
  s: Float64Array,
  short: Float64Array,
  { squares, width }: MomentSketch,
  step: number,
): boolean {
  const rise = new Float64Array(s.length);
  let steepest = 0;
  for (let e = 0; e < s.length; e++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum -= short[j]! * squares[e * width + j]!;
    rise[e] = sum;
    if (sum > steepest) steepest = sum;
  }
  if (steepest === 0) return false;
  for (let e = 0; e < s.length; e++) s[e]! += (step * rise[e]!) / steepest;
  return true;
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
