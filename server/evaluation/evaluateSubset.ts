import { clipScores } from '../selection/clipScores.js';
import { rowsByClass } from '../selection/latentClasses.js';
import { nearDuplicates } from '../selection/nearDuplicates.js';
import { objective } from '../selection/objective.js';
import { classCovarianceError, centreDistances } from './byClass.js';
import type { Evaluated, EvaluationContext } from './evaluated.js';
import { linearRecall, withoutHeldOut } from './linearRetrieval.js';
import { directionError, moments, relativeError, relativeSpectral } from './moments.js';
import { leadingSingular, subspaceDistance } from './singular.js';

/** ε behind the near-duplicate rate. */
const DUPLICATE_EPSILON = 0.05;

/** Measures the subset `rows` against all valid pairs. */
export async function evaluateSubset(rows: Int32Array, context: EvaluationContext): Promise<Evaluated> {
  const { table, labels, full, leading, heldOut, checkpoint } = context;
  const origin = { image: full.imageMean, text: full.textMean };
  const own = rows === context.all ? full : await moments(table, rows, origin, context.products, checkpoint);
  const picked = rowsByClass(labels, context.members.length, rows);
  const centres = await centreDistances(table, labels, rows, context.terms.sums, checkpoint);
  const repeated = await nearDuplicates(table, picked, DUPLICATE_EPSILON, context.products, checkpoint);
  const scores = await clipScores(table, rows, checkpoint);
  const fittedOn = withoutHeldOut(rows, heldOut);
  const fit =
    fittedOn.length === rows.length
      ? own
      : await moments(table, fittedOn, origin, context.products, checkpoint);
  await checkpoint();
  const axes = rows === context.all ? leading : leadingSingular(own.crossCovariance, leading.values.length);
  const apart = (side: 'left' | 'right'): number | null =>
    leading.values.length ? subspaceDistance(axes[side], leading[side]) : null;
  await checkpoint();
  return {
    pairs: rows.length,
    covarianceError: relativeError(own.crossCovariance, full.crossCovariance),
    spectralError: relativeSpectral(own.crossCovariance, full.crossCovariance),
    covarianceDirection: directionError(own.crossCovariance, full.crossCovariance),
    imageSubspace: apart('left'),
    textSubspace: apart('right'),
    classCovarianceError: await classCovarianceError(picked, context),
    imageCentreDistance: centres.images,
    textCentreDistance: centres.texts,
    classesCovered: picked.reduce((covered, members) => covered + (members.length > 0 ? 1 : 0), 0),
    shareVariation: shareVariation(picked, context.members),
    clipScore: scores.reduce((sum, score) => sum + score, 0) / Math.max(1, rows.length),
    duplicateRate: repeated.length / Math.max(1, rows.length),
    objective: await objective(table, labels, rows, context.terms, context.weights, checkpoint),
    linear: heldOut.length && fittedOn.length ? await linearRecall(fit, context) : null,
  };
}

/** Total variation between the class shares of the picks and of all pairs: 0 where they are the same, at most 1. */
function shareVariation(picked: Int32Array[], members: Int32Array[]): number {
  const total = (classes: Int32Array[]): number => classes.reduce((sum, rows) => sum + rows.length, 0);
  const [picks, all] = [total(picked), total(members)];
  if (picks === 0 || all === 0) return 0;
  return members.reduce(
    (sum, rows, k) => sum + Math.abs(picked[k]!.length / picks - rows.length / all) / 2,
    0,
  );
}
