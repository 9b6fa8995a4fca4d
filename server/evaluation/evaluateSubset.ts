import { Matrix } from 'ml-matrix';
import type { Evaluated, EvaluationContext } from './evaluated.js';
import { linearScores } from './labelledTask.js';
import { fitLinearClip, type LinearClip } from './linearClip.js';
import { linearRecall, RANK } from './linearRetrieval.js';
import {
  directionError,
  relative,
  relativeError,
  sumMoments,
  type Moments,
  type MomentSums,
} from './moments.js';
import { firstOf, leadingSingular, subspaceDistance, type LeadingSingular } from './singular.js';
import { passOverClasses, type NestedSubset, type PassedSubset } from './subsetPass.js';

/** The measures of each prefix of each order, and of all pairs, against all pairs: the rows are read once for all. */
export async function evaluateSubsets(
  orders: readonly NestedSubset[],
  context: EvaluationContext,
  onEvaluated: (done: number) => void = () => undefined,
): Promise<{ full: Evaluated; found: Evaluated[][] }> {
  const passed = await passOverClasses(orders, context);
  const reference = await referenceOf(passed.full.sums, context);
  const evaluated: Evaluated[][] = [];
  let done = 0;
  for (const [i, { rows, sizes }] of orders.entries()) {
    const prefixes: Evaluated[] = [];
    for (const [s, size] of sizes.entries()) {
      prefixes.push(await evaluate(rows.subarray(0, size), passed.found[i]![s]!, reference, context));
      onEvaluated(++done);
    }
    evaluated.push(prefixes);
  }
  const full = await evaluate(context.all, { ...passed.full, sums: null }, reference, context);
  onEvaluated(++done);
  return { full, found: evaluated };
}

/** What every subset is held against, of all pairs. */
interface Reference {
  sums: MomentSums;
  moments: Moments;
  leading: LeadingSingular;
}

async function referenceOf(sums: MomentSums, context: EvaluationContext): Promise<Reference> {
  const moments = sums.moments();
  const leading = await leadingSingular(moments.crossCovariance, rankOf(context), context);
  return { sums, moments, leading };
}

async function evaluate(
  rows: Int32Array,
  { sums: prefix, picked, ...passed }: PassedSubset,
  { sums, moments: full, leading }: Reference,
  context: EvaluationContext,
): Promise<Evaluated> {
  const { members, checkpoint } = context;
  await checkpoint();
  const own = prefix === null ? full : prefix.moments();
  const axes =
    prefix === null
      ? leading
      : await leadingSingular(own.crossCovariance, rankOf(context), context, leading);
  const [ours, theirs] = [axes, leading].map((part) => firstOf(part, context.directions));
  const apart = (side: 'left' | 'right'): number | null =>
    leading.values.length ? subspaceDistance(ours![side], theirs![side]) : null;
  const farthest = await leadingSingular(Matrix.sub(own.crossCovariance, full.crossCovariance), 1, context);
  return {
    ...passed,
    covarianceError: relativeError(own.crossCovariance, full.crossCovariance),
    spectralError: relative(farthest.values[0] ?? 0, leading.values[0] ?? 0),
    covarianceDirection: directionError(own.crossCovariance, full.crossCovariance),
    imageSubspace: apart('left'),
    textSubspace: apart('right'),
    classesCovered: picked.reduce((covered, count) => covered + (count > 0 ? 1 : 0), 0),
    shareVariation: shareVariation(picked, members),
    ...(await linear(rows, prefix ?? sums, axes, context)),
  };
}

/** What linear CLIP of the rows that are not held out does on those that are, and on labelled sets. */
async function linear(
  rows: Int32Array,
  sums: MomentSums,
  axes: LeadingSingular,
  context: EvaluationContext,
): Promise<Pick<Evaluated, 'linear' | 'labelled'>> {
  const { tasks, products, checkpoint } = context;
  const model = await fitted(rows, sums, axes, context);
  return {
    linear: model && context.heldOut.length ? await linearRecall(model, context) : null,
    labelled: model ? await linearScores(model, tasks, products, checkpoint) : {},
  };
}

/** Null where no row is left to fit on. */
async function fitted(
  rows: Int32Array,
  sums: MomentSums,
  axes: LeadingSingular,
  context: EvaluationContext,
): Promise<LinearClip | null> {
  const { table, origin, products, checkpoint } = context;
  const heldOut = new Set(context.heldOut);
  const among = rows.filter((row) => heldOut.has(row)).sort();
  if (among.length === rows.length) return null;
  if (among.length === 0) return fitLinearClip(sums.moments(), firstOf(axes, RANK));
  const without = sums
    .copy()
    .include(await sumMoments(table, among, origin, products, checkpoint), -1)
    .moments();
  // A few pairs fewer: nearly the same directions.
  return fitLinearClip(without, await leadingSingular(without.crossCovariance, RANK, context, axes));
}

const rankOf = ({ directions }: EvaluationContext): number => Math.max(RANK, directions);

/** Total variation between the class shares of the picks and of all pairs: 0 where they are the same, at most 1. */
function shareVariation(picked: Int32Array, members: readonly Int32Array[]): number {
  const picks = picked.reduce((sum, count) => sum + count, 0);
  const all = members.reduce((sum, rows) => sum + rows.length, 0);
  if (picks === 0 || all === 0) return 0;
  return members.reduce((sum, rows, k) => sum + Math.abs(picked[k]! / picks - rows.length / all) / 2, 0);
}
