import { dirname, resolve } from 'node:path';
import type { JobContext } from '../context.js';
import { ClipcovError } from '../errors.js';
import { checkPicks } from '../export/picks.js';
import { readSubset, type SubsetDocument } from '../export/subsetDocument.js';
import { recordedSource } from './classSource.js';
import { holdoutShare } from './holdout.js';
import { openGround, type OpenedGround } from './openGround.js';
import type { ProgressReporter } from './progress.js';
import { Stopwatch } from './stopwatch.js';
import { openWorkspace, type Workspace, type WorkspaceParams } from './workspace.js';

/** A saved subset, in the workspace of what it was chosen from. */
export interface Recorded {
  file: string;
  document: SubsetDocument;
  workspace: Workspace;
}

/** Opens a subset and its workspace, which whoever asked releases. */
export async function openRecorded(
  params: WorkspaceParams & { subset: string },
  context: Pick<JobContext, 'cancelled'>,
): Promise<Recorded> {
  const file = resolve(params.subset);
  const document = await readSubset(file);
  const embeddings = document.parameters.embeddings ?? undefined;
  return { file, document, workspace: await openWorkspace({ ...params, embeddings }, context) };
}

/** The ground set that a saved subset was chosen from, with its latent classes; refused where it is another one now. */
export async function openRecordedGround(
  file: string,
  document: SubsetDocument,
  { approvedRoots, memory }: { approvedRoots: string[]; memory: number },
  workspace: Workspace,
  context: JobContext,
  progress: ProgressReporter,
): Promise<OpenedGround> {
  await checkPicks(file, document);
  await checkModel(file, document, workspace);
  const opening = {
    recorded: recordedSource(document.classes, dirname(file)),
    seed: document.parameters.seed,
    holdout: recordedHoldout(file, document),
    approvedRoots,
    memory: memory * 2 ** 30,
  };
  const opened = await openGround(opening, workspace, context, progress, new Stopwatch());
  try {
    refuseOther(file, document, opened.ground);
    return opened;
  } catch (error) {
    await opened.ground.pool.close();
    throw error;
  }
}

export function refuseOther(
  file: string,
  { dataset }: SubsetDocument,
  ground: { fingerprint: string },
): void {
  if (ground.fingerprint === dataset.fingerprint) return;
  throw new ClipcovError(
    'subset-stale',
    'The subset was chosen from other embeddings than these: the data, the model or the device has changed since.',
    { where: file, fix: 'Select again, or give the dataset and model it was made from.' },
  );
}

/** Embedding a dataset with another model than the subset's takes long, and ends in a refusal. */
export async function checkModel(
  file: string,
  document: SubsetDocument,
  workspace: Workspace,
): Promise<void> {
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

/** A file is named relative to the document. */
export function recordedHoldout(
  file: string,
  { parameters: { holdout } }: SubsetDocument,
): string | undefined {
  if (holdout === null) return undefined;
  return holdoutShare(holdout) === null ? resolve(dirname(file), holdout) : holdout;
}
