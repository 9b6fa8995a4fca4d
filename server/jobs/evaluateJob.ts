import type { JobContext } from '../context.js';
import { picksPath, readPicks } from '../export/picks.js';
import { amendSubset } from '../export/saveSubset.js';
import type { RowPool } from '../parallel/rowPool.js';
import type { ValidParams } from '../protocol/contract.js';
import type { EvaluationReport } from '../protocol/evaluation.js';
import { evaluateStep } from './evaluateStep.js';
import { closeSets, embedSetsLike, openLabelledSets, type EmbeddedSet } from './labelledSets.js';
import { ProgressReporter } from './progress.js';
import { openRecorded, openRecordedGround } from './recordedGround.js';

/** Measures a saved subset against the data it was chosen from, beside the baselines, and keeps the table in it. */
export async function evaluateJob(
  params: ValidParams<'evaluate'>,
  context: JobContext,
): Promise<EvaluationReport> {
  const { file, document, workspace } = await openRecorded(params, context);
  const progress = new ProgressReporter(context);
  const sets = await openLabelledSets(params.on, context);
  let embedded: EmbeddedSet[] = [];
  let pool: RowPool | undefined;
  try {
    const { ground, store } = await openRecordedGround(file, document, params, workspace, context, progress);
    pool = ground.pool;
    embedded = await embedSetsLike(store, sets, params, context, progress);
    const picks = await readPicks(picksPath(file, document));
    const rows = Int32Array.from(picks, (pick) => pick.row);
    const { method, weights } = document.parameters;
    const tasks = embedded.map(({ task }) => task);
    const evaluation = await evaluateStep(method, rows, weights, ground, workspace, context, progress, tasks);
    await amendSubset(file, { ...document, evaluation });
    return evaluation;
  } finally {
    await closeSets(embedded);
    await pool?.close();
    await workspace.release();
  }
}
