import { candidates } from './baselines.js';
import { budgetOf } from './budget.js';
import { NO_CLASS } from './latentClasses.js';
import { methods } from './methods.js';
import { nearDuplicates } from './nearDuplicates.js';
import type { Pipeline, PipelinePart } from './pipeline.js';
import { prepareClasses } from './prepare.js';
import { relativeAngles } from './relativeAngle.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';

/** What the steps before the last one leave. */
export interface Narrowed {
  /** The input of the last step: candidates and class sums of what is left. */
  input: SelectionInput;
  /** Pairs left out by near-duplicate filters. */
  nearDuplicates: number;
  /** The step that left a row out, counted from 1; 0 for one that no step did. [rows] */
  leftOutBy: Uint8Array;
}

/** ε of the filter where none is given. */
const EPSILON = 0.05;

/**
 * Runs all steps of a method but the last, each on the candidates that the one before has left, with class sums of those
 * alone. `valid` is what shares are of.
 */
export async function narrow(steps: Pipeline, input: SelectionInput, valid: number): Promise<Narrowed> {
  const { classEmbeddings, sums } = input.context;
  const narrowed: Narrowed = { input, nearDuplicates: 0, leftOutBy: new Uint8Array(input.table.rows) };
  for (const [i, parts] of steps.slice(0, -1).entries()) {
    const before = narrowed.input;
    const kept: Int32Array[] = [];
    for (const part of parts) {
      const rows = (await runPart(part, before, valid)).rows;
      if (part.name === 'near-duplicates') narrowed.nearDuplicates += candidateCount(before) - rows.length;
      kept.push(rows);
    }
    const labels = new Int32Array(before.labels.length).fill(NO_CLASS);
    for (const row of kept.reduce(inBoth)) labels[row] = before.labels[row]!;
    for (let row = 0; row < labels.length; row++)
      if (before.labels[row]! >= 0 && labels[row]! < 0) narrowed.leftOutBy[row] = i + 1;
    const prepared = await prepareClasses(
      before.table,
      labels,
      sums.classes,
      classEmbeddings,
      before.checkpoint,
    );
    narrowed.input = { ...before, labels, ...prepared };
  }
  return narrowed;
}

/** Runs all steps; the last one keeps `input.budget` unless it says itself. */
export async function runPipeline(
  steps: Pipeline,
  input: SelectionInput,
  valid: number,
): Promise<Narrowed & { order: SelectionOrder }> {
  const narrowed = await narrow(steps, input, valid);
  const orders: SelectionOrder[] = [];
  for (const part of steps.at(-1)!) orders.push(await runPart(part, narrowed.input, valid));
  return { ...narrowed, order: orders.reduce(intersection) };
}

/** What one part keeps of the candidates, in its order where it ranks. */
async function runPart(
  { name, amount }: PipelinePart,
  input: SelectionInput,
  valid: number,
): Promise<SelectionOrder> {
  const available = candidateCount(input);
  if (name === 'near-duplicates') {
    const epsilon = amount === null ? EPSILON : Number(amount);
    const { table, members, products, checkpoint } = input;
    const out = new Set(await nearDuplicates(table, members, epsilon, products, checkpoint));
    const rows = candidates(input.labels).filter((row) => !out.has(row));
    return { rows, gains: new Float64Array(rows.length) };
  }
  const wanted = amount === null ? (name === 'ood' ? available : input.budget) : budgetOf(amount, valid);
  const own = { ...input, budget: Math.min(wanted, available) };
  if (amount !== null) own.subsetSize = own.budget;
  return name === 'ood' ? relativeAngles(own) : methods[name](own);
}

function candidateCount({ members }: SelectionInput): number {
  return members.reduce((sum, rows) => sum + rows.length, 0);
}

function inBoth(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Set(b);
  return a.filter((row) => both.has(row));
}

/** Those of `a` that `b` has too, in the order of `a`. */
function intersection(a: SelectionOrder, b: SelectionOrder): SelectionOrder {
  const both = new Set(b.rows);
  const kept = a.rows.map((_, i) => i).filter((i) => both.has(a.rows[i]!));
  return { rows: kept.map((i) => a.rows[i]!), gains: Float64Array.from(kept, (i) => a.gains[i]!) };
}
