import type { EvaluationContext } from '../evaluation/evaluated.js';
import type { LabelledTask } from '../evaluation/labelledTask.js';
import { heldOutPairs, sampleOf } from '../evaluation/linearRetrieval.js';
import type { Weights } from '../protocol/selection.js';
import { candidates } from '../selection/baselines.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import type { GroundSet } from './groundSet.js';
import { breathe } from './progress.js';
import type { Workspace } from './workspace.js';

/** Leading directions that are compared. */
const DIRECTIONS = 32;
/**
 * Of the pairs that linear CLIP is tried on: the same for every subset of a dataset, and the seed of no selection, whose
 * random draw would begin with just these pairs.
 */
const HELD_OUT_SEED = 0x4c434c50;

/** What all subsets of a ground set are measured against. */
export async function openEvaluation(
  ground: GroundSet,
  weights: Weights,
  workspace: Workspace,
  context: JobContext,
  tasks: LabelledTask[] = [],
): Promise<EvaluationContext> {
  const { labels, heldOut } = ground;
  const { table, pool } = ground;
  const { members, context: terms } = ground.prepared;
  const all = candidates(labels);
  const products = await workspace.products(table.dim);
  const checkpoint = async (): Promise<void> => {
    throwIfCancelled(context);
    await breathe();
  };
  const origin = {
    image: meanRow(terms.sums.images, table.dim, all.length),
    text: meanRow(terms.sums.texts, table.dim, all.length),
  };
  return {
    table,
    labels,
    all,
    origin,
    directions: DIRECTIONS,
    heldOut: heldOut.length ? sampleOf(heldOut, HELD_OUT_SEED) : heldOutPairs(all, HELD_OUT_SEED),
    tasks,
    members,
    terms,
    weights,
    threads: {
      classes: async (...pass) => {
        // Half of it: the rest is for the blocks that are computed on.
        await pool.hold(ground.memory / 2);
        await pool.measureClasses(...pass);
      },
      directions: (...asked) => pool.measureDirections(...asked),
    },
    products,
    checkpoint,
  };
}

/** The mean of all rows, from the sums of the classes. */
function meanRow(sums: Float64Array, dim: number, count: number): Float64Array {
  const mean = new Float64Array(dim);
  sums.forEach((value, i) => (mean[i % dim]! += value / Math.max(1, count)));
  return mean;
}

/** Which pairs linear CLIP is tried on, in a sentence. */
export function heldOutNote(pairs: number, keptOut: boolean): string | null {
  if (pairs === 0) return null;
  const count = pairs.toLocaleString('en-US');
  return keptOut
    ? `Linear CLIP is tried on ${count} pairs that were kept out of selection (--holdout).`
    : `Linear CLIP is tried on ${count} pairs that selection could pick; it is fitted on each set without those of them that it holds.`;
}
