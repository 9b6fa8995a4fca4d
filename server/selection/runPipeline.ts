import { budgetOf } from './budget.js';
import { NO_CLASS } from './latentClasses.js';
import { methods } from './methods.js';
import { nearDuplicates } from './nearDuplicates.js';
import type { Pipeline, PipelinePart } from './pipeline.js';
import { prepareClasses, type PreparedClasses } from './prepare.js';
import { relativeAngles } from './relativeAngle.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';

export interface PipelineResult {
  order: SelectionOrder;
  /** k(i) of the pairs that the last step chose from, NO_CLASS for the others. */
  labels: Int32Array;
  prepared: PreparedClasses;
  /** Pairs left out by near-duplicate filters. */
  nearDuplicates: number;
}

/** ε of the filter where none is given. */
const EPSILON = 0.05;

/**
 * Runs the steps of a method one after another, each on the candidates that the one before has left, with class sums of
 * those alone. `valid` is what shares are of; the last step keeps `input.budget` unless it says itself.
 */
export async function runPipeline(
  steps: Pipeline,
  input: SelectionInput,
  valid: number,
): Promise<PipelineResult> {
  const { classEmbeddings, sums } = input.context;
  let state: SelectionInput = input;
  let repeats = 0;

  /** What one part keeps of the candidates, in its order where it ranks. */
  async function keep({ name, amount }: PipelinePart): Promise<SelectionOrder> {
    if (name === 'near-duplicates') {
      const epsilon = amount === null ? EPSILON : Number(amount);
      const dropped = await nearDuplicates(
        state.table,
        state.members,
        epsilon,
        state.products,
        state.checkpoint,
      );
      repeats += dropped.length;
      const out = new Set(dropped);
      const rows = state.members.flatMap((own) => [...own]).filter((row) => !out.has(row));
      return { rows: Int32Array.from(rows).sort(), gains: new Float64Array(rows.length) };
    }
    const available = state.members.reduce((sum, rows) => sum + rows.length, 0);
    const wanted = amount === null ? (name === 'ood' ? available : input.budget) : budgetOf(amount, valid);
    const own = { ...state, budget: Math.min(wanted, available) };
    return name === 'ood' ? relativeAngles(own) : methods[name](own);
  }

  for (const [i, parts] of steps.entries()) {
    const orders: SelectionOrder[] = [];
    for (const part of parts) orders.push(await keep(part));
    const order = orders.reduce(intersection);
    if (i === steps.length - 1)
      return {
        order,
        labels: state.labels,
        prepared: { members: state.members, context: state.context },
        nearDuplicates: repeats,
      };
    const labels = new Int32Array(state.labels.length).fill(NO_CLASS);
    for (const row of order.rows) labels[row] = input.labels[row]!;
    const prepared = await prepareClasses(
      state.table,
      labels,
      sums.classes,
      classEmbeddings,
      state.checkpoint,
    );
    state = { ...state, labels, ...prepared };
  }
  throw new Error('a method has at least one step');
}

/** Those of `a` that `b` has too, in the order of `a`. */
function intersection(a: SelectionOrder, b: SelectionOrder): SelectionOrder {
  const both = new Set(b.rows);
  const kept = a.rows.map((_, i) => i).filter((i) => both.has(a.rows[i]!));
  return { rows: kept.map((i) => a.rows[i]!), gains: Float64Array.from(kept, (i) => a.gains[i]!) };
}
