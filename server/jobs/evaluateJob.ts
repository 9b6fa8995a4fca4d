import { resolve } from 'node:path';
import type { JobContext } from '../context.js';
import { picksPath, readPicks } from '../export/picks.js';
import { amendSubset } from '../export/saveSubset.js';
import { readSubset } from '../export/subsetDocument.js';
import type { RowPool } from '../parallel/rowPool.js';
import type { EvaluationReport, ValidParams } from '../protocol/contract.js';
import { evaluateStep } from './evaluateStep.js';
import { ProgressReporter } from './progress.js';
import { openRecordedGround } from './recordedGround.js';
import { openWorkspace } from './workspace.js';

/** Measures a saved subset against the data it was chosen from, beside the baselines, and keeps the table in it. */
export async function evaluateJob(
  params: ValidParams<'evaluate'>,
  context: JobContext,
): Promise<EvaluationReport> {
  const file = resolve(params.subset);
  const document = await readSubset(file);
  const workspace = await openWorkspace(
    { ...params, embeddings: document.parameters.embeddings ?? undefined },
    context,
  );
  const progress = new ProgressReporter(context);
  let pool: RowPool | undefined;
  try {
    const { ground } = await openRecordedGround(file, document, params, workspace, context, progress);
    pool = ground.pool;
    const picks = await readPicks(picksPath(file, document));
    const rows = Int32Array.from(picks, (pick) => pick.row);
    const { method, weights } = document.parameters;
    const evaluation = await evaluateStep(method, rows, weights, ground, workspace, context, progress);
    await amendSubset(file, { ...document, evaluation });
    return evaluation;
  } finally {
    await pool?.close();
    await workspace.release();
  }
}
