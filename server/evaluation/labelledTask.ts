import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { LINEAR_FORMS } from './linearRetrieval.js';
import type { LinearClip, LinearForm } from './linearClip.js';
import { retrieve } from './retrieval.js';
import { seenBy, type View } from './view.js';
import { classifyZeroShot } from './zeroShot.js';

/** An embedded labelled set: images with a class each, or with the captions that belong to them. */
export type LabelledTask = {
  name: string;
  table: EmbeddingTable;
  /** Rows that can be used. */
  rows: Int32Array;
} & (
  | { task: 'classification'; labels: Int32Array; classEmbeddings: Float64Array }
  | { task: 'retrieval'; imageOf: Int32Array }
);

/** Metrics as CLIP_benchmark names them, each in 0…1. */
export type Metrics = Record<string, number>;

/** How a model does on a labelled set: the one that embedded it, or what a view makes of that. */
export async function scoreTask(
  task: LabelledTask,
  products: Products,
  checkpoint: (done: number) => Promise<void>,
  view?: View,
): Promise<Metrics> {
  const { table, rows } = task;
  return task.task === 'retrieval'
    ? retrieve(table, rows, task.imageOf, products, checkpoint, view)
    : {
        ...(await classifyZeroShot(
          table,
          rows,
          task.labels,
          task.classEmbeddings,
          products,
          checkpoint,
          view,
        )),
      };
}

/** The metrics of a linear CLIP by set and form. */
export type LabelledScores = Record<string, Record<LinearForm, Metrics>>;

export async function linearScores(
  model: LinearClip,
  tasks: readonly LabelledTask[],
  products: Products,
  checkpoint: () => Promise<void>,
): Promise<LabelledScores> {
  const found: LabelledScores = {};
  for (const task of tasks) {
    const own: Partial<Record<LinearForm, Metrics>> = {};
    for (const form of LINEAR_FORMS)
      own[form] = await scoreTask(task, products, checkpoint, seenBy(model, form, products));
    found[task.name] = own as Record<LinearForm, Metrics>;
  }
  return found;
}
