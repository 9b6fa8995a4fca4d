import { openStore, type EmbeddingStore } from '../embeddings/store.js';
import { classSourceOf, namedClasses, type ClassSource, type NamedClasses } from './classSource.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { embedStep } from './embedStep.js';
import { readGroundSet, type GroundSet } from './groundSet.js';
import { heldOutRows } from './holdout.js';
import { breathe, type ProgressReporter } from './progress.js';
import type { Stopwatch } from './stopwatch.js';
import type { Workspace } from './workspace.js';

export interface OpenGroundParams {
  /** As recorded by a subset, or undefined to take what the other parameters ask for. */
  recorded?: ClassSource;
  classes?: string | undefined;
  classEmbeddings?: string | undefined;
  kmeans?: number | undefined;
  seed: number;
  holdout?: string | undefined;
  /** Bytes that the job may use. */
  memory: number;
  approvedRoots: string[];
}

export interface OpenedGround {
  store: EmbeddingStore;
  classSource: ClassSource;
  ground: GroundSet;
}

/** dataset → embeddings → latent classes: what selection and evaluation both start from. */
export async function openGround(
  params: OpenGroundParams,
  workspace: Workspace,
  context: JobContext,
  progress: ProgressReporter,
  stopwatch: Stopwatch,
): Promise<OpenedGround> {
  progress.device = (await workspace.device()).report;
  const given = await workspace.givenStore();
  const classSource = params.recorded ?? classSourceOf(params, await modelHasNames(given, workspace));
  // Before the long work: a class file that cannot be read is told at once, and previews can name classes.
  const named = await stopwatch.time('classes', () =>
    classesOf(classSource, given, workspace, context, progress),
  );
  const store =
    given ??
    openStore(
      (
        await stopwatch.time('embed', () =>
          embedStep(workspace, params.approvedRoots, context, progress, named),
        )
      ).store,
    );
  const tools = {
    store,
    source: classSource,
    named,
    workspace,
    context,
    progress,
    stopwatch,
    memory: params.memory,
    heldOut: await heldOutRows(params.holdout, params.seed, store),
  };
  return { store, classSource, ground: await readGroundSet(tools) };
}

/** Whether the model of the run made the embeddings and knows class names. */
async function modelHasNames(store: EmbeddingStore | null, workspace: Workspace): Promise<boolean> {
  if (store && store.plan === null) return false;
  const model = await workspace.model();
  return model.classNames !== null && (!store || store.plan?.model.fingerprint === model.fingerprint);
}

async function classesOf(
  source: ClassSource,
  store: EmbeddingStore | null,
  workspace: Workspace,
  context: JobContext,
  progress: ProgressReporter,
): Promise<NamedClasses | null> {
  const pairs = store ? { dim: store.dim, where: store.folder } : await modelDimension(workspace);
  progress.begin('classes', 'prompts');
  return namedClasses(source, pairs, workspace, async (done, total) => {
    throwIfCancelled(context);
    progress.update(done, total);
    await breathe();
  });
}

async function modelDimension(workspace: Workspace): Promise<{ dim: number; where: string }> {
  const model = await workspace.model();
  return { dim: model.dim, where: model.folder };
}
