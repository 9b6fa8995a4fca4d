import { Directions, type DirectionSetup, type DirectionTask, type FoundDirections } from './directions.js';
import type { Evaluated, EvaluationContext } from './evaluated.js';
import { linearScores } from './labelledTask.js';
import { passOverClasses, type NestedSubset, type PassedSubset } from './subsetPass.js';

/** Measures sets of pairs by their moments, on all threads; their order does not matter. */
export type RunDirections = (
  setup: DirectionSetup,
  tasks: readonly DirectionTask[],
  onFound: (found: FoundDirections, task: number) => Promise<void>,
) => Promise<void>;

/** The measures of each prefix of each order, and of all pairs, against all pairs: the rows are read once for all. */
export async function evaluateSubsets(
  orders: readonly NestedSubset[],
  context: EvaluationContext,
  onEvaluated: (done: number) => void = () => undefined,
): Promise<{ full: Evaluated; found: Evaluated[][] }> {
  const { all, table, tasks, origin, directions, heldOut, threads } = context;
  const { full, found, area, added } = await passOverClasses(orders, context);
  const passed = [...found.flat(), full];
  const held = new Uint8Array(table.rows);
  for (const row of heldOut) held[row] = 1;
  const subsets = [...orders.flatMap(({ rows, sizes }) => sizes.map((size) => rows.subarray(0, size))), all];
  const asked = subsets.map((rows, i): DirectionTask => {
    const among = rows.filter((row) => held[row] === 1).sort();
    return { parts: passed[i]!.parts, among, others: among.length < rows.length };
  });
  const setup = { area, added, origin, directions, heldOut, models: tasks.length > 0 };
  const evaluated = new Array<Evaluated>(subsets.length);
  let done = 0;
  await (threads?.directions ?? here(context))(setup, asked, async (measured, i) => {
    evaluated[i] = await evaluate(passed[i]!, measured, context);
    onEvaluated(++done);
  });
  const prefixes = orders.map(({ sizes }) => evaluated.splice(0, sizes.length));
  return { full: evaluated[0]!, found: prefixes };
}

/** One set after another, in this thread. */
function here({ table, products, checkpoint }: EvaluationContext): RunDirections {
  return async (setup, tasks, onFound) => {
    const directions = new Directions(setup, table, products, checkpoint);
    for (const [i, task] of tasks.entries()) await onFound(await directions.measure(task), i);
  };
}

async function evaluate(
  { parts: _parts, picked, ...passed }: PassedSubset,
  { model, ...measured }: FoundDirections,
  { members, tasks, products, checkpoint }: EvaluationContext,
): Promise<Evaluated> {
  return {
    ...passed,
    ...measured,
    classesCovered: picked.reduce((covered, count) => covered + (count > 0 ? 1 : 0), 0),
    shareVariation: shareVariation(picked, members),
    labelled: model ? await linearScores(model, tasks, products, checkpoint) : {},
  };
}

/** Total variation between the class shares of the picks and of all pairs: 0 where they are the same, at most 1. */
function shareVariation(picked: Int32Array, members: readonly Int32Array[]): number {
  const picks = picked.reduce((sum, count) => sum + count, 0);
  const all = members.reduce((sum, rows) => sum + rows.length, 0);
  if (picks === 0 || all === 0) return 0;
  return members.reduce((sum, rows, k) => sum + Math.abs(picked[k]! / picks - rows.length / all) / 2, 0);
}
