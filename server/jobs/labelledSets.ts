import { createHash } from 'node:crypto';
import { throwIfCancelled, type JobContext } from '../context.js';
import { Database, PARQUET } from '../dataset/database.js';
import { openLabelledSet, type LabelledSet } from '../dataset/labelled.js';
import { embedClassNames } from '../embeddings/classEmbeddings.js';
import { openStore, type EmbeddingStore } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';
import type { LabelledTask } from '../evaluation/labelledTask.js';
import type { DeviceChoice } from '../protocol/fields.js';
import { embedStep } from './embedStep.js';
import type { ProgressReporter } from './progress.js';
import { openTable } from './storeTable.js';
import { openWorkspace, type Workspace } from './workspace.js';

/** A labelled set embedded by a model; `close` it when done. */
export interface EmbeddedSet {
  set: LabelledSet;
  task: LabelledTask;
  workspace: Workspace;
  dim: number;
  images: number;
  skipped: number;
  /** Of labels, captions and images. */
  content: string;
  close(): Promise<void>;
}

export interface EmbedSetParams {
  model?: string | undefined;
  store?: string | undefined;
  device: DeviceChoice;
  approvedRoots: string[];
}

/** The sets at these paths, opened before any long work. */
export async function openLabelledSets(
  paths: readonly string[],
  context: Pick<JobContext, 'cancelled'>,
): Promise<LabelledSet[]> {
  const sets: LabelledSet[] = [];
  for (const path of paths) {
    const set = await openLabelledSet(path, () => throwIfCancelled(context));
    if (sets.some(({ name }) => name === set.name))
      throw new ClipcovError('labelled-set-twice', `Two labelled sets are called ${set.name}.`, {
        where: path,
        fix: 'Name each set once; rename the folder of one if they differ.',
      });
    sets.push(set);
  }
  return sets;
}

/** Embeds a labelled set, or opens its embeddings where they are there. */
export async function embedSet(
  set: LabelledSet,
  params: EmbedSetParams,
  context: JobContext,
  progress: ProgressReporter,
): Promise<EmbeddedSet> {
  // A folder of its own: the same folder may be a dataset to select from.
  const name = `labelled-${set.name.replace(/[^\w.-]+/g, '-')}`;
  const { model, store: place, device, approvedRoots } = params;
  const workspace = await openWorkspace({ source: set.source, name, model, store: place, device }, context);
  try {
    progress.device = (await workspace.device()).report;
    const embedded = await embedStep(workspace, approvedRoots, context, progress, null);
    const store = openStore(embedded.store);
    const { captions, images } = await contentOf(store);
    const { table, close } = openTable(store);
    const rows = Int32Array.from(captions.keys()).filter(
      (row) => table.imageScale[row]! > 0 && table.textScale[row]! > 0,
    );
    const templates = set.templates ?? (await workspace.model()).templates;
    const own = { name: set.name, table, rows };
    const task: LabelledTask =
      set.task === 'retrieval'
        ? { ...own, task: 'retrieval', imageOf: numbered(rows, images) }
        : {
            ...own,
            task: 'classification',
            labels: Int32Array.from(rows, (row) => Number(captions[row])),
            classEmbeddings: await embedClassNames(
              await workspace.encoder(),
              set.classNames,
              templates,
              store.dim,
              async () => throwIfCancelled(context),
            ),
          };
    const content = createHash('sha256')
      .update(JSON.stringify([set.task, set.classNames, templates, captions, images]))
      .digest('hex');
    return {
      set,
      task,
      workspace,
      dim: store.dim,
      images: set.task === 'retrieval' ? new Set(images).size : rows.length,
      skipped: embedded.pairs - rows.length,
      content,
      async close() {
        close();
        await workspace.release();
      },
    };
  } catch (error) {
    await workspace.release();
    throw error;
  }
}

/** The sets as a linear CLIP of a store can be tried on them: embedded by the model that made the store. */
export async function embedSetsLike(
  store: EmbeddingStore,
  sets: readonly LabelledSet[],
  params: EmbedSetParams,
  context: JobContext,
  progress: ProgressReporter,
): Promise<EmbeddedSet[]> {
  const opened: EmbeddedSet[] = [];
  try {
    for (const set of sets) {
      const embedded = await embedSet(set, params, context, progress);
      opened.push(embedded);
      const model = await embedded.workspace.model();
      if (embedded.dim !== store.dim || (store.plan && store.plan.model.fingerprint !== model.fingerprint))
        throw new ClipcovError(
          'model-differs',
          `Labelled sets are embedded by ${model.name}, which did not make the embeddings of the pairs.`,
          {
            where: store.folder,
            fix: 'Choose the model that made them (setting clipcov.model, flag --model).',
          },
        );
    }
    return opened;
  } catch (error) {
    await closeSets(opened);
    throw error;
  }
}

export async function closeSets(sets: readonly EmbeddedSet[]): Promise<void> {
  for (const set of sets) await set.close();
}

/** Captions and content hashes by row of the store. */
async function contentOf(store: EmbeddingStore): Promise<{ captions: string[]; images: string[] }> {
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
