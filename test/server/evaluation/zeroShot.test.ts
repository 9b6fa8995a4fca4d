import { describe, expect, it } from 'vitest';
import { retrieve } from '../../../server/evaluation/retrieval.js';
import { classifyZeroShot } from '../../../server/evaluation/zeroShot.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from '../selection/plainGreedy.js';
import { dot, nothing, samplePairs, unit } from '../selection/samples.js';

const axis = (at: number, dim: number): number[] => Array.from({ length: dim }, (_, j) => (j === at ? 1 : 0));

describe('zero-shot classification', () => {
  it('counts by hand: first, among five, and by class', async () => {
    // Six classes on the axes; images lean to one class most, to others less and less.
    const leaning = (...order: number[]): number[] =>
      order.reduce((row, at, rank) => row.map((x, j) => (j === at ? 6 - rank : x)), Array<number>(6).fill(0));
    const images = [
      leaning(0, 1, 2, 3, 4, 5), // class 0: right
      leaning(1, 0, 2, 3, 4, 5), // class 0: second
      leaning(1, 2, 3, 4, 5, 0), // class 0: last of six
      leaning(3, 1, 2, 0, 4, 5), // class 3: right
      leaning(5, 4, 3, 2, 0, 1), // class 4: second
    ];
    const table = tableOf(images, images);
    const classes = Float64Array.from([0, 1, 2, 3, 4, 5].flatMap((k) => axis(k, 6)));
    const found = await classifyZeroShot(
      table,
      Int32Array.of(0, 1, 2, 3, 4),
      Int32Array.of(0, 0, 0, 3, 4),
      classes,
      productsOf(6),
      nothing,
    );
    expect(found).toEqual({ acc1: 2 / 5, acc5: 4 / 5, mean_per_class_recall: (1 / 3 + 1 + 0) / 3 });
  });
});

describe('retrieval', () => {
  it('agrees with the definition where images have several captions', async () => {
    const { images, texts } = samplePairs(9, 60, 8, { lean: 0.5 });
    // Three captions an image: rows 3i to 3i + 2 share one.
    const own = images.map((_, i) => images[i - (i % 3)]!);
    const table = tableOf(own, texts);
    const rows = Int32Array.from(own.keys());
    const imageOf = rows.map((row) => Math.floor(row / 3));
    const found = await retrieve(table, rows, imageOf, productsOf(8), nothing);
    const score = (image: number, caption: number): number =>
      dot(unit(own[3 * image]!), unit(texts[caption]!));
    const images20 = Array.from({ length: 20 }, (_, i) => i);
    for (const k of [1, 5, 10]) {
      const byCaption = [...rows].filter((caption) => {
        const ranked = images20.toSorted((a, b) => score(b, caption) - score(a, caption)).slice(0, k);
        return ranked.includes(imageOf[caption]!);
      });
      const byImage = images20.filter((image) => {
        const ranked = [...rows].sort((a, b) => score(image, b) - score(image, a)).slice(0, k);
        return ranked.some((caption) => imageOf[caption] === image);
      });
      expect(found[`image_retrieval_recall@${k}`]).toBeCloseTo(byCaption.length / 60, 12);
      expect(found[`text_retrieval_recall@${k}`]).toBeCloseTo(byImage.length / 20, 12);
    }
  });
});
