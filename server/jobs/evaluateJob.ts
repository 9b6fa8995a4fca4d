import { dirname, resolve } from 'node:path';
import { ClipcovError } from '../errors.js';
import { checkPicks, picksPath, readPicks } from '../export/picks.js';
import { readSubset, writeSubset, type SubsetDocument } from '../export/subsetDocument.js';
import type { RowPool } from '../parallel/rowPool.js';
import type { EvaluationReport, ValidParams } from '../protocol/contract.js';
import { recordedSource } from './classSource.js';
import type { JobContext } from '../context.js';
import { evaluateStep } from './evaluateStep.js';
import { openGround } from './openGround.js';
import { ProgressReporter } from './progress.js';
import { Stopwatch } from './stopwatch.js';
import { openWorkspace, type Workspace } from './workspace.js';

/** Measures a saved subset against the data it was chosen from, beside the baselines, and keeps the table in it. */
export async function evaluateJob(
  params: ValidParams<'evaluate'>,
  context: JobContext,
): Promise<EvaluationReport> {
  const file = resolve(params.subset);
  const document = await readSubset(file);
  await checkPicks(file, document);
  const workspace = await openWorkspace(params, context);
  const progress = new ProgressReporter(context);
  let pool: RowPool | undefined;
  try {
    await checkModel(file, document, workspace);
    const { approvedRoots } = params;
    const recorded = recordedSource(document.classes, dirname(file));
    const opening = {
      recorded,
      seed: document.parameters.seed,
      approvedRoots,
      memory: params.memory * 2 ** 30,
    };
    const { ground } = await openGround(opening, workspace, context, progress, new Stopwatch());
    pool = ground.pool;
    if (ground.fingerprint !== document.dataset.fingerprint)
      throw new ClipcovError(
        'subset-stale',
        'The subset was chosen from other embeddings than these: the data, the model or the device has changed since.',
        { where: file, fix: 'Select again, or evaluate it with the dataset and model it was made from.' },
      );
    const picks = await readPicks(picksPath(file, document));
    const rows = Int32Array.from(picks, (pick) => pick.row);
    const { method, weights } = document.parameters;
    const evaluation = await evaluateStep(method, rows, weights, ground, workspace, context, progress);
    await writeSubset(file, { ...document, evaluation });
    return evaluation;
  } finally {
    await pool?.close();
    await workspace.release();
  }
}

/** Embedding a dataset with another model than the subset's takes long, and ends in a refusal. */
async function checkModel(file: string, document: SubsetDocument, workspace: Workspace): Promise<void> {
  if (workspace.source.kind === 'store' || document.model === null) return;
  const model = await workspace.model();
  if (model.fingerprint === document.model.fingerprint) return;
  throw new ClipcovError(
    'subset-stale',
    `The subset was chosen with the model ${document.model.name}, and this is ${
      model.name === document.model.name ? 'another version of it' : model.name
    }.`,
    {
      where: file,
      fix: 'Choose the model it was made with (setting clipcov.model, flag --model), or select again.',
    },
  );
}
