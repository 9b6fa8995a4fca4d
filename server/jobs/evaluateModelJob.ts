import { join, resolve } from 'node:path';
import { throwIfCancelled, type JobContext } from '../context.js';
import { writeAside } from '../embeddings/aside.js';
import { scoreTask } from '../evaluation/labelledTask.js';
import type { ValidParams } from '../protocol/contract.js';
import type { ModelEvaluation, ModelScores } from '../protocol/evaluation.js';
import type { DeviceReport } from '../protocol/progress.js';
import { embedSet, openLabelledSets, type EmbeddedSet } from './labelledSets.js';
import { breathe, ProgressReporter } from './progress.js';

/** Every model on every labelled set, in the terms of CLIP_benchmark; each result is a file of its format below `out`. */
export async function evaluateModelJob(
  params: ValidParams<'evaluateModel'>,
  context: JobContext,
): Promise<ModelEvaluation> {
  const progress = new ProgressReporter(context);
  const results: ModelScores[] = [];
  const sets = await openLabelledSets(params.sets, context);
  let device: DeviceReport | null = null;
  for (const model of params.models)
    for (const set of sets) {
      const embedded = await embedSet(set, { ...params, model }, context, progress);
      try {
        device = (await embedded.workspace.device()).report;
        results.push(await scoresOf(embedded, context, progress));
      } finally {
        await embedded.close();
      }
    }
  const files: string[] = [];
  if (params.out !== undefined)
    for (const result of results) {
      const name = [result.dataset, result.model, result.task]
        .map((part) => part.replace(/[^\w.-]+/g, '-'))
        .join('_');
      const file = join(resolve(params.out), `${name}.json`);
      await writeAside(file, `${JSON.stringify(result)}\n`);
      files.push(file);
    }
  return { results, files, device: device! };
}

async function scoresOf(
  { set, task, workspace, dim, images, skipped }: EmbeddedSet,
  context: JobContext,
  progress: ProgressReporter,
): Promise<ModelScores> {
  const model = await workspace.model();
  const total = task.rows.length;
  progress.begin('evaluate', 'images');
  const metrics = await scoreTask(task, await workspace.products(dim), async (done) => {
    throwIfCancelled(context);
    progress.update(done, total);
    await breathe();
  });
  progress.update(total, total);
  return {
    dataset: set.name,
    model: model.name,
    pretrained: model.fingerprint.slice(0, 12),
    task: set.task === 'retrieval' ? 'zeroshot_retrieval' : 'zeroshot_classification',
    metrics,
    language: 'en',
    images,
    skipped,
  };
}
