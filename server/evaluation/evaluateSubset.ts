import { clipScores } from '../selection/clipScores.js';
import { rowsByClass } from '../selection/latentClasses.js';
import { nearDuplicates } from '../selection/nearDuplicates.js';
import { objective } from '../selection/objective.js';
import { classCovarianceError, centreDistances } from './byClass.js';
import type { Evaluated, EvaluationContext } from './evaluated.js';
import { directionError, moments, relativeError } from './moments.js';

/** ε behind the near-duplicate rate. */
const DUPLICATE_EPSILON = 0.05;

/** Measures the subset `rows` against all valid pairs. */
export async function evaluateSubset(rows: Int32Array, context: EvaluationContext): Promise<Evaluated> {
  const { table, labels, full, checkpoint } = context;
  const origin = { image: full.imageMean, text: full.textMean };
  const own = rows === context.all ? full : await moments(table, rows, origin, context.products, checkpoint);
  const picked = rowsByClass(labels, context.members.length, rows);
  const centres = await centreDistances(table, labels, rows, context.terms.sums, checkpoint);
  const repeated = await nearDuplicates(table, picked, DUPLICATE_EPSILON, context.products, checkpoint);
  const scores = await clipScores(table, rows, checkpoint);
  return {
    pairs: rows.length,
    covarianceError: relativeError(own.crossCovariance, full.crossCovariance),
    covarianceDirection: directionError(own.crossCovariance, full.crossCovariance),
    classCovarianceError: await classCovarianceError(picked, context),
    imageCentreDistance: centres.images,
    textCentreDistance: centres.texts,
    classesCovered: picked.reduce((covered, members) => covered + (members.length > 0 ? 1 : 0), 0),
    clipScore: scores.reduce((sum, score) => sum + score, 0) / Math.max(1, rows.length),
    duplicateRate: repeated.length / Math.max(1, rows.length),
    objective: (await objective(table, labels, rows, context.terms, context.weights, checkpoint)).value,
  };
}
