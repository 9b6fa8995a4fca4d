import { describe, expect, it } from 'vitest';
import { Worker } from 'node:worker_threads';
import { Directions, type FoundDirections } from '../../../server/evaluation/directions.js';
import type { Evaluated, EvaluationContext } from '../../../server/evaluation/evaluated.js';
import { evaluateSubsets } from '../../../server/evaluation/evaluateSubset.js';
import { inForm, mapRows } from '../../../server/evaluation/linearClip.js';
import { linearRecall } from '../../../server/evaluation/linearRetrieval.js';
import { locked, momentArea } from '../../../server/evaluation/momentArea.js';
import { ClassPass } from '../../../server/evaluation/classPass.js';
import { productsOf } from '../engine/testProducts.js';
import { samplePairs, unit } from '../selection/samples.js';
import { contextOf } from './plainContext.js';
import { crossCovariance, type PlainPairs } from './plainMeasures.js';

const DIM = 6;

/** Evaluates with what the fitted models are seen as well: of each prefix in turn, and of all pairs. */
async function evaluated(
  context: EvaluationContext,
  rows: Int32Array,
  sizes: number[],
): Promise<{ found: Evaluated[]; models: FoundDirections['model'][] }> {
  const { table, products, checkpoint } = context;
  const models: FoundDirections['model'][] = [];
  const threads: EvaluationContext['threads'] = {
    classes: async (setup, ranges, shares, onFound) => {
      const pass = new ClassPass(setup, table, products, checkpoint);
      for (const { first, end } of ranges) await onFound(await pass.measure(first, end));
      for (const share of shares) await pass.addShare(share);
      pass.end();
    },
    directions: async (setup, tasks, onFound) => {
      const directions = new Directions({ ...setup, models: true }, table, products, checkpoint);
      for (const [i, task] of tasks.entries()) {
        const found = await directions.measure(task);
        models.push(found.model);
        await onFound({ ...found, model: null }, i);
      }
    },
  };
  const { full, found } = await evaluateSubsets([{ rows, sizes }], { ...context, threads });
  return { found: [...found[0]!, full], models };
}

describe('linear CLIP of a subset', () => {
  const labels = Array.from({ length: 300 }, (_, i) => i % 3);
  const pairs: PlainPairs = { ...samplePairs(4, 300, DIM, { lean: 0.5 }), labels };
  const all = Int32Array.from(labels.keys());
  const heldOut = all.filter((row) => row % 5 === 2);

  it('is fitted on its pairs that are not held out, and tried on those that are', async () => {
    const context = { ...(await contextOf(pairs, 3)), heldOut };
    const order = Int32Array.of(
      ...all.filter((row) => row % 5 === 1),
      ...all.filter((row) => row % 5 === 2 && row > 100),
      ...all.filter((row) => row % 5 === 3),
    );
    const sizes = [60, 90, order.length];
    const { found, models } = await evaluated(context, order, sizes);
    const held = new Set(heldOut);
    for (const [i, subset] of [...sizes.map((size) => order.subarray(0, size)), all].entries()) {
      const fitted = [...subset].filter((row) => !held.has(row));
      const model = models[i]!;
      // At full rank the maps give the covariance back.
      const expected = crossCovariance(pairs, fitted);
      for (let a = 0; a < DIM; a++)
        for (let b = 0; b < DIM; b++) {
          let product = 0;
          for (let r = 0; r < model.rank; r++)
            product += model.imageMap[r * DIM + a]! * model.textMap[r * DIM + b]!;
          expect(product, `${i}, ${a}, ${b}`).toBeCloseTo(expected[a * DIM + b]!, 6);
        }
      for (const [mean, side] of [
        [model.imageMean, pairs.images],
        [model.textMean, pairs.texts],
      ] as const)
        mean.forEach((x, j) =>
          expect(x).toBeCloseTo(
            fitted.reduce((sum, row) => sum + unit(side[row]!)[j]! / fitted.length, 0),
            6,
          ),
        );
      const recall = await linearRecall(model, { ...context, heldOut });
      expect(found[i]!.linear).toEqual(recall);
      expect(recall.cosine.text[10]).toBeGreaterThan(recall.cosine.text[1]!);
    }
  });

  it('is none where all of its pairs are held out, or none is', async () => {
    const context = { ...(await contextOf(pairs, 3)), heldOut };
    const held = await evaluated(context, heldOut, [heldOut.length]);
    expect(held.models[0]).toBeNull();
    expect(held.found[0]!.linear).toBeNull();
    const { found, models } = await evaluated({ ...context, heldOut: new Int32Array(0) }, all, [100]);
    expect(models.map((model) => model!.rank)).toEqual([DIM, DIM]);
    expect(found.map(({ linear }) => linear)).toEqual([null, null]);
  });

  it('has rows without length where there is nothing to see', async () => {
    const none = new Float64Array(0);
    const products = productsOf(DIM);
    const blind = {
      ...{ rank: 0, imageMap: none, textMap: none },
      ...{ imageMean: new Float64Array(DIM), textMean: new Float64Array(DIM) },
    };
    expect(await mapRows(new Float64Array(2 * DIM), 'image', blind, products)).toHaveLength(0);
    expect(inForm(none, 0, 'cosine')).toHaveLength(0);
    const model = { ...blind, rank: 1, imageMap: new Float64Array(DIM).fill(1) };
    expect(await mapRows(none, 'image', model, products)).toHaveLength(0);
    expect(await mapRows(new Float64Array(2 * DIM), 'image', model, products)).toHaveLength(2);
    expect([...inForm(Float64Array.of(0, 0, 3, 4), 2, 'cosine')]).toEqual([
      0,
      0,
      Math.fround(0.6),
      Math.fround(0.8),
    ]);
  });
});

describe('an area of moments', () => {
  it('has steps so large that sums of all its pairs are whole multiples of them', () => {
    // 4·pairs are 2⁵⁰ steps at most.
    expect(momentArea(2, 1, 1000).whole).toBe(1.5 * 2 ** 52 * 2 ** (12 - 50));
    expect(momentArea(2, 1, 1024).whole).toBe(1.5 * 2 ** 52 * 2 ** (12 - 50));
    expect(momentArea(2, 1, 1025).whole).toBe(1.5 * 2 ** 52 * 2 ** (13 - 50));
    expect(momentArea(2, 0, 0)).toMatchObject({ sets: [], whole: 1.5 * 2 ** 52 * 2 ** (2 - 50) });
  });

  it('waits for the thread that has a set, and gives it back after a failure', async () => {
    const area = momentArea(2, 2, 10);
    area.locks[1] = 1;
    const other = new Worker(
      `const { workerData: { locks, sets } } = require('node:worker_threads');
       setTimeout(() => {
         sets[1][0] = 7;
         Atomics.store(locks, 1, 0);
         Atomics.notify(locks, 1);
       }, 50);`,
      { eval: true, workerData: area },
    );
    let seen = 0;
    locked(area, 1, (target) => (seen = target[0]!));
    expect(seen).toBe(7);
    await other.terminate();
    const fail = (): void =>
      locked(area, 0, () => {
        throw new Error('inside');
      });
    expect(fail).toThrow('inside');
    expect([...area.locks]).toEqual([0, 0]);
  });
});
