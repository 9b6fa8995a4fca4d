import { join, resolve } from 'node:path';
import { throwIfCancelled, type JobContext } from '../context.js';
import { Database, PARQUET } from '../dataset/database.js';
import { openLabelledSet, type LabelledSet } from '../dataset/labelled.js';
import { writeAside } from '../embeddings/aside.js';
import { embedClassNames } from '../embeddings/classEmbeddings.js';
import { openStore, type EmbeddingStore } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';
import { retrieve } from '../evaluation/retrieval.js';
import { classifyZeroShot } from '../evaluation/zeroShot.js';
import type { DeviceReport, ModelEvaluation, ModelScores, ValidParams } from '../protocol/contract.js';
import { embedStep } from './embedStep.js';
import { breathe, ProgressReporter } from './progress.js';
import { openTable } from './storeTable.js';
import { openWorkspace, type Workspace } from './workspace.js';

/** Every model on every labelled set, in the terms of CLIP_benchmark; each result is a file of its format below `out`. */
export async function evaluateModelJob(
  params: ValidParams<'evaluateModel'>,
  context: JobContext,
): Promise<ModelEvaluation> {
  const progress = new ProgressReporter(context);
  const results: ModelScores[] = [];
  const sets: LabelledSet[] = [];
  for (const path of params.sets) sets.push(await openLabelledSet(path, () => throwIfCancelled(context)));
  let device: DeviceReport | null = null;
  for (const model of params.models)
    for (const set of sets) {
      // A folder of its own: the same folder may be a dataset to select from.
      const name = `labelled-${set.name.replace(/[^\w.-]+/g, '-')}`;
      const { store } = params;
      const opening = { source: set.source, name, model, store, device: params.device };
      const workspace = await openWorkspace(opening, context);
      try {
        device = (await workspace.device()).report;
        progress.device = device;
        results.push(await scoresOf(set, workspace, params, context, progress));
      } finally {
        await workspace.release();
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
  set: LabelledSet,
  workspace: Workspace,
  { approvedRoots }: ValidParams<'evaluateModel'>,
  context: JobContext,
  progress: ProgressReporter,
): Promise<ModelScores> {
  const model = await workspace.model();
  const { task, classNames } = set;
  const embedded = await embedStep(workspace, approvedRoots, context, progress, null);
  const store = openStore(embedded.store);
  const { table, close } = openTable(store);
  const products = await workspace.products(store.dim);
  const checkpoint = async (done: number): Promise<void> => {
    throwIfCancelled(context);
    progress.update(done, store.rows);
    await breathe();
  };
  try {
    const { captions, images } = await labelsOf(store);
    progress.begin('evaluate', 'images');
    const rows = Int32Array.from(captions.keys()).filter(
      (row) => table.imageScale[row]! > 0 && table.textScale[row]! > 0,
    );
    let metrics: Record<string, number>;
    if (task === 'retrieval')
      metrics = await retrieve(table, rows, numbered(rows, images), products, checkpoint);
    else {
      const labels = Int32Array.from(rows, (row) => Number(captions[row]));
      const templates = set.templates ?? model.templates;
      const classes = await embedClassNames(await workspace.encoder(), classNames, templates, store.dim, () =>
        checkpoint(0),
      );
      metrics = { ...(await classifyZeroShot(table, rows, labels, classes, products, checkpoint)) };
    }
    progress.update(store.rows, store.rows);
    return {
      dataset: set.name,
      model: model.name,
      pretrained: model.fingerprint.slice(0, 12),
      task: task === 'retrieval' ? 'zeroshot_retrieval' : 'zeroshot_classification',
      metrics,
      language: 'en',
      images: task === 'retrieval' ? new Set(images).size : rows.length,
      skipped: embedded.pairs - rows.length,
    };
  } finally {
    close();
  }
}

/** Captions and content hashes by row of the store. */
async function labelsOf(store: EmbeddingStore): Promise<{ captions: string[]; images: string[] }> {
  const database = await Database.open();
  try {
    const captions: string[] = [];
    const images: string[] = [];
    for (const { metadata } of store.parts) {
      if (metadata === null)
        throw new ClipcovError('store-broken', 'A part has no metadata.', { where: store.folder });
      const rows = await database.all<{ caption: string; image: string }>(
        `SELECT caption, image_sha256 AS image FROM ${PARQUET} ORDER BY id`,
        [metadata],
      );
      for (const { caption, image } of rows) {
        captions.push(caption);
        images.push(image);
      }
    }
    return { captions, images };
  } finally {
    database.close();
  }
}

/** Numbers equal images alike, from 0 in the order of their first rows. */
function numbered(rows: Int32Array, images: string[]): Int32Array {
  const numbers = new Map<string, number>();
  return rows.map((row) => {
    const known = numbers.get(images[row]!) ?? numbers.size;
    numbers.set(images[row]!, known);
    return known;
  });
}
