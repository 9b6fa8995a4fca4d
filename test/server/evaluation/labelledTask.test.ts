import { describe, expect, it } from 'vitest';
import { linearScores, scoreTask, type LabelledTask } from '../../../server/evaluation/labelledTask.js';
import type { LinearClip, LinearForm } from '../../../server/evaluation/linearClip.js';
import { heldOutPairs, linearRecall } from '../../../server/evaluation/linearRetrieval.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from '../selection/plainGreedy.js';
import { dot, nothing, numbers, samplePairs, unit } from '../selection/samples.js';

const DIM = 5;
const RANK = 2;
const CLASSES = 7;
/** More rows than one block has. */
const ROWS = 1_100;

const next = numbers(4);
const vector = (length: number): number[] => Array.from({ length }, next);
const { images, texts } = samplePairs(6, ROWS, DIM, { lean: 0.8 });
const [v, l] = [images.map(unit), texts.map(unit)];
const rows = Int32Array.from(images.keys());
const classes = Array.from({ length: CLASSES }, () => unit(vector(DIM)));
const classOf = (i: number): number => {
  const scores = classes.map((text) => dot(v[i]!, text));
  // Every third label is another class than the nearest.
  return (scores.indexOf(Math.max(...scores)) + (i % 3 === 0 ? 1 : 0)) % CLASSES;
};
const model: LinearClip = {
  rank: RANK,
  imageMap: Float64Array.from(vector(RANK * DIM)),
  textMap: Float64Array.from(vector(RANK * DIM)),
  imageMean: Float64Array.from(vector(DIM)),
  textMean: Float64Array.from(vector(DIM)),
};
const classification: LabelledTask = {
  ...{ name: 'sorted', task: 'classification', table: tableOf(images, texts), rows },
  labels: rows.map(classOf),
  classEmbeddings: Float64Array.from(classes.flat()),
};
const retrieval: LabelledTask = {
  ...{ name: 'told', task: 'retrieval', table: tableOf(images, texts), rows },
  imageOf: rows.slice(),
};

/** The rows as the model sees them, by its definition. */
function seen(given: number[][], side: 'image' | 'text', form: LinearForm): number[][] {
  const [map, mean] = side === 'image' ? [model.imageMap, model.imageMean] : [model.textMap, model.textMean];
  return given.map((row) => {
    const mapped = Array.from({ length: RANK }, (_, r) =>
      row.reduce((sum, x, j) => sum + map[r * DIM + j]! * (x - mean[j]!), 0),
    );
    return form === 'plain' ? mapped : unit(mapped);
  });
}

function accuracy(left: number[][], right: number[][], of: (i: number) => number, k: number): number {
  const found = left.filter((row, i) => {
    const own = dot(row, right[of(i)]!);
    return right.filter((other) => dot(row, other) > own).length < k;
  });
  return found.length / left.length;
}

describe('a labelled set', () => {
  it('is scored by how near the embeddings are that it has', async () => {
    const sorted = await scoreTask(classification, productsOf(DIM), nothing);
    expect(Object.keys(sorted)).toEqual(['acc1', 'acc5', 'mean_per_class_recall']);
    expect(sorted['acc1']).toBeCloseTo(accuracy(v, classes, classOf, 1), 3);
    const told = await scoreTask(retrieval, productsOf(DIM), nothing);
    expect(told['text_retrieval_recall@1']).toBeCloseTo(
      accuracy(v, l, (i) => i, 1),
      3,
    );
    expect(told['image_retrieval_recall@5']).toBeCloseTo(
      accuracy(l, v, (i) => i, 5),
      3,
    );
  });

  it('is scored by what a linear CLIP makes of the embeddings, in both forms', async () => {
    const found = await linearScores(model, [classification, retrieval], productsOf(DIM), nothing);
    expect(Object.keys(found)).toEqual(['sorted', 'told']);
    for (const form of ['cosine', 'plain'] as const) {
      const [ours, theirs] = [seen(v, 'image', form), seen(l, 'text', form)];
      const names = seen(classes, 'text', form);
      // Float32 may judge a few near ties otherwise.
      expect(found['sorted']![form]['acc1'], form).toBeCloseTo(accuracy(ours, names, classOf, 1), 2);
      expect(found['sorted']![form]['acc5'], form).toBeCloseTo(accuracy(ours, names, classOf, 5), 2);
      for (const [metric, left, right, k] of [
        ['text_retrieval_recall@1', ours, theirs, 1],
        ['text_retrieval_recall@10', ours, theirs, 10],
        ['image_retrieval_recall@5', theirs, ours, 5],
      ] as const)
        expect(found['told']![form][metric], `${metric} ${form}`).toBeCloseTo(
          accuracy(left, right, (i) => i, k),
          2,
        );
    }
  });
});

describe('held-out pairs', () => {
  const { table } = retrieval;

  it('are drawn by the seed, ascend, and are no more than a fifth or a thousand', () => {
    const few = heldOutPairs(rows, 5);
    expect(few).toHaveLength(ROWS / 5);
    expect([...few]).toEqual([...new Set(few)].sort((a, b) => a - b));
    expect([...few]).toEqual([...heldOutPairs(rows, 5)]);
    expect([...few]).not.toEqual([...heldOutPairs(rows, 6)]);
    expect(
      heldOutPairs(
        Int32Array.from({ length: 9_000 }, (_, i) => i),
        5,
      ),
    ).toHaveLength(1_000);
  });

  it('are found by a linear CLIP among each other, in both forms', async () => {
    const heldOut = heldOutPairs(rows, 5);
    const found = await linearRecall(model, { table, heldOut, products: productsOf(DIM) });
    for (const form of ['cosine', 'plain'] as const) {
      const own = (given: number[][], side: 'image' | 'text'): number[][] =>
        seen(
          [...heldOut].map((row) => given[row]!),
          side,
          form,
        );
      const [ours, theirs] = [own(v, 'image'), own(l, 'text')];
      for (const k of [1, 5, 10] as const) {
        expect(found[form].text[k], `text ${k} ${form}`).toBeCloseTo(
          accuracy(ours, theirs, (i) => i, k),
          2,
        );
        expect(found[form].image[k], `image ${k} ${form}`).toBeCloseTo(
          accuracy(theirs, ours, (i) => i, k),
          2,
        );
      }
    }
    expect(found.cosine).not.toEqual(found.plain);
  });
});
