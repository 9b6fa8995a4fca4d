import { describe, expect, it } from 'vitest';
import { fitLinearClip, inForm, mapRows } from '../../../server/evaluation/linearClip.js';
import { linearRecall } from '../../../server/evaluation/linearRetrieval.js';
import { sumMoments } from '../../../server/evaluation/moments.js';
import { bestPositiveRanks, shareWithin } from '../../../server/evaluation/ranking.js';
import { leadingSingular } from '../../../server/evaluation/singular.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from '../selection/plainGreedy.js';
import { nothing, numbers, samplePairs, unit } from '../selection/samples.js';

/** The indices below `count` in an order that depends on the seed alone. */
function shuffledIndices(count: number, seed: number): number[] {
  const next = numbers(seed);
  return Array.from({ length: count }, (_, i) => ({ i, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i);
}

describe('known answers', () => {
  it('shuffled captions drive linear CLIP to chance: recall@k to k/n, zero-shot accuracy to 1/classes', async () => {
    const [fitted, held, dim, classes, fits] = [400, 200, 12, 8, 12];
    const { images, texts } = samplePairs(13, fitted + held, dim, { lean: 0.8 });
    const heldOut = Int32Array.from({ length: held }, (_, i) => fitted + i);
    const recalls = { 1: 0, 5: 0, 10: 0 };
    let accuracy = 0;
    for (let seed = 1; seed <= fits; seed++) {
      const order = shuffledIndices(fitted, seed);
      const mismatched = texts.map((text, i) => (i < fitted ? texts[order[i]!]! : text));
      const table = tableOf(images, mismatched);
      const origin = { image: new Float64Array(dim), text: new Float64Array(dim) };
      const sums = await sumMoments(table, Int32Array.from(order), origin, productsOf(dim), nothing);
      const fit = sums.moments();
      const products = productsOf(dim);
      const model = fitLinearClip(
        fit,
        await leadingSingular(fit.crossCovariance, dim, { products, checkpoint: nothing }),
      );
      const { cosine } = await linearRecall(model, { table, heldOut, products });
      for (const k of [1, 5, 10] as const) recalls[k] += (cosine.text[k]! + cosine.image[k]!) / 2 / fits;
      // Eight captions as the classes' names; each image shows the class of the caption nearest to it by itself.
      const names = texts.slice(fitted, fitted + classes).map(unit);
      const shown = images.slice(fitted).map(unit);
      const truth = shown.map((v) => {
        const scores = names.map((l) => l.reduce((sum, x, j) => sum + x * v[j]!, 0));
        return scores.indexOf(Math.max(...scores));
      });
      const mapped = async (rows: number[][], side: 'image' | 'text'): Promise<Float32Array> =>
        inForm(await mapRows(Float64Array.from(rows.flat()), side, model, products), model.rank, 'cosine');
      const left = await mapped(shown, 'image');
      const right = await mapped(names, 'text');
      const width = left.length / held;
      const scores = Float32Array.from({ length: held * classes }, (_, at) => {
        const [i, k] = [Math.floor(at / classes), at % classes];
        let sum = 0;
        for (let j = 0; j < width; j++) sum += left[i * width + j]! * right[k * width + j]!;
        return sum;
      });
      accuracy +=
        shareWithin(
          bestPositiveRanks(scores, classes, (i) => [truth[i]!]),
          1,
        ) / fits;
    }
    // One fit turns all queries alike, so fits, not queries, are what is averaged: a few shares of chance are left.
    for (const k of [1, 5, 10] as const) {
      expect(recalls[k]).toBeGreaterThan(0.3 * (k / held));
      expect(recalls[k]).toBeLessThan(3 * (k / held));
    }
    expect(Math.abs(accuracy - 1 / classes)).toBeLessThan(0.08);
  });
});
