import type { Objective } from '../../../server/protocol/selection.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectClipcov } from '../../../server/selection/clipcov.js';
import { measureRows } from '../../../server/selection/objective.js';
import { selectPruned } from '../../../server/selection/pruned.js';
import { eachRowTerms } from '../../../server/selection/rowTerms.js';
import { PlainObjective } from './plainGreedy.js';
import { productInput } from './productInput.js';
import { nothing, samplePairs } from './samples.js';

const objective = async (...of: Parameters<typeof measureRows>): Promise<Objective> =>
  (await measureRows(...of)).objective;

describe('selectPruned', () => {
  it('is double greedy over the picks, class by class, and never worse than them', async () => {
    let shorter = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 2, max: 24 }), async (seed, rows) => {
        const pairs = {
          ...samplePairs(seed, rows, 4, { lean: seed % 2 ? 0.6 : -0.3, repeats: 0.4 }),
          labels: Array.from({ length: rows }, (_, i) => i % 2),
        };
        const input = await productInput(pairs, rows);
        // Strong redundancy: late picks cost more than they bring.
        input.weights = { cross: 0.2, self: 0.5, label: 0, inter: 0.5, redundancy: 6, balance: 0.5 };
        const whole = await selectClipcov(input);
        const pruned = await selectPruned(input);
        const plain = new PlainObjective({
          ...pairs,
          labels: input.labels,
          classes: 2,
          classEmbeddings: null,
          weights: input.weights,
        });
        const kept = [0, 1].flatMap((k) => {
          const picked = [...whole.rows].filter((row) => input.labels[row] === k);
          let [small, large]: number[][] = [[], picked];
          for (const e of picked) {
            const without = large!.filter((row) => row !== e);
            if (plain.gain(small!, e) >= -plain.gain(without, e)) small = [...small!, e];
            else large = without;
          }
          return plain.value(small!) > plain.value(picked) ? small! : picked;
        });
        expect([...pruned.rows].sort((a, b) => a - b)).toEqual(kept.sort((a, b) => a - b));
        const F = async (set: Int32Array): Promise<number> =>
          (await objective(input.table, input.labels, set, input.context, input.weights, nothing)).value;
        const [own, before] = [await F(pruned.rows), await F(whole.rows)];
        expect(own).toBeGreaterThanOrEqual(before - 1e-9);
        expect(pruned.gains.reduce((sum, gain) => sum + gain, 0)).toBeCloseTo(own, 8);
        if (pruned.rows.length < whole.rows.length) shorter++;
      }),
      { numRuns: 60 },
    );
    expect(shorter).toBeGreaterThan(20);
  });

  it('keeps all picks where each brings more than it costs', async () => {
    const pairs = {
      ...samplePairs(3, 30, 6, { lean: 0.8 }),
      labels: Array.from({ length: 30 }, (_, i) => i % 3),
    };
    const input = await productInput(pairs, 6);
    expect((await selectPruned(input)).rows).toEqual((await selectClipcov(input)).rows);
  });

  it('can be stopped while it reads the terms of its picks', async () => {
    const pairs = { ...samplePairs(3, 6, 6), labels: Array.from({ length: 6 }, () => 0) };
    const input = await productInput(pairs, 6);
    const check = (): never => {
      throw new Error('stop');
    };
    const read = eachRowTerms({ ...input, check }, 0, Int32Array.of(1, 2), input.weights, () => undefined);
    await expect(read).rejects.toThrow('stop');
  });
});
