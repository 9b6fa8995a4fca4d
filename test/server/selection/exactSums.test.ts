import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addUp, ExactSums } from '../../../server/selection/exactSums.js';
import { blockFor, eachBlock } from '../../../server/selection/blocks.js';
import { tableOf } from './plainGreedy.js';
import { nothing, samplePairs, unit } from './samples.js';

const problems = fc.record({
  seed: fc.nat(),
  rows: fc.integer({ min: 1, max: 60 }),
  dim: fc.integer({ min: 1, max: 11 }),
  classes: fc.integer({ min: 1, max: 5 }),
});

describe('ExactSums', () => {
  it('sums unit rows by class, whatever their order and however many share the work, to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.array(fc.nat()), async ({ seed, rows, dim, classes }, keys) => {
        const { images, texts } = samplePairs(seed, rows, dim);
        const table = tableOf(images, texts);
        const labels = Int32Array.from(images, (_, i) => ((i * 7 + seed) % (classes + 1)) - 1);
        const inOrder = Int32Array.from(images.keys());
        const shuffled = inOrder.slice().sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || b - a);
        const sumsOf = async (...shares: Int32Array[]) => {
          const parts = [];
          for (const share of shares) {
            const pairs = blockFor(table, share.length, ExactSums.bytesNeeded(classes, dim));
            const sums = new ExactSums(pairs, classes);
            await eachBlock(pairs, share, (block) => sums.add(block.map((row) => labels[row]!)), nothing);
            parts.push(sums.take());
          }
          return addUp(parts, classes, dim);
        };
        const whole = await sumsOf(inOrder);
        const cut = 1 + (seed % rows);
        expect(await sumsOf(shuffled.slice(cut), shuffled.slice(0, cut))).toEqual(whole);
        for (let k = 0; k < classes; k++) {
          const own = images.flatMap((_, i) => (labels[i] === k ? [i] : []));
          expect(whole.counts[k]).toBe(own.length);
          for (let j = 0; j < dim; j++) {
            const image = own.reduce((sum, i) => sum + unit(images[i]!)[j]!, 0);
            const text = own.reduce((sum, i) => sum + unit(texts[i]!)[j]!, 0);
            expect(Math.abs(whole.images[k * dim + j]! - image)).toBeLessThan(1e-12 * (1 + own.length));
            expect(Math.abs(whole.texts[k * dim + j]! - text)).toBeLessThan(1e-12 * (1 + own.length));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('begins anew after the sums were taken', () => {
    const { images } = samplePairs(1, 4, 3);
    const pairs = blockFor(tableOf(images, images), 4, ExactSums.bytesNeeded(1, 3));
    pairs.load([0, 1, 2, 3]);
    const sums = new ExactSums(pairs, 1);
    sums.add(new Int32Array(4));
    const first = sums.take();
    expect(addUp([sums.take()], 1, 3).images).toEqual(new Float64Array(3));
    sums.add(new Int32Array(4));
    expect(sums.take()).toEqual(first);
  });

  it('refuses a class of more pairs than can be summed exactly, rather than wrap around', () => {
    const part = (count: number) => ({ counts: Int32Array.of(1, count), values: new Float64Array(4) });
    expect(addUp([part(2 ** 22), part(2 ** 22 - 1)], 2, 1).counts[1]).toBe(2 ** 23 - 1);
    expect(() => addUp([part(2 ** 22), part(2 ** 22)], 2, 1)).toThrow('Latent class 1 has 8388608 pairs');
    const first = { counts: Int32Array.of(2 ** 23, 1), values: new Float64Array(4) };
    expect(() => addUp([first], 2, 1)).toThrow('Latent class 0 has 8388608 pairs');
    expect(() => addUp([first], 2, 1)).toThrow(
      expect.objectContaining({ code: 'class-too-large', fix: expect.stringContaining('--kmeans') }),
    );
  });

  it('has room for thousands of classes of wide rows', () => {
    const [classes, dim] = [2_000, 96];
    const row = Array.from({ length: dim }, (_, j) => j + 1);
    const pairs = blockFor(tableOf([row, row], [row, row]), 2, ExactSums.bytesNeeded(classes, dim));
    const sums = new ExactSums(pairs, classes);
    pairs.load([0, 1]);
    sums.add(Int32Array.of(0, classes - 1));
    const { counts, images } = addUp([sums.take()], classes, dim);
    expect([counts[0], counts[1], counts[classes - 1]]).toEqual([1, 0, 1]);
    expect(images[dim - 1]).toBeCloseTo(dim / Math.hypot(...row), 11);
    expect(images.at(-1)).toBe(images[dim - 1]);
  });
});
