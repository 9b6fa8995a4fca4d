import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownPasses } from '../../../server/selection/passes.js';
import { prepareClasses } from '../../../server/selection/prepare.js';
import {
  balanceWeight,
  classShape,
  similarityShift,
  type TermContext,
} from '../../../server/selection/terms.js';
import type { TableTerms } from '../../../server/selection/tableTerms.js';
import { PlainObjective, tableOf, type PlainProblem } from './plainGreedy.js';
import { dot, nothing, samplePairs, unit } from './samples.js';
import { between } from './between.js';

const weights = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 1 };

const problems = fc
  .record({
    seed: fc.nat(),
    rows: fc.integer({ min: 1, max: 20 }),
    dim: fc.integer({ min: 1, max: 6 }),
    lean: between(-1, 1),
  })
  .map(({ seed, rows, dim, lean }): PlainProblem => {
    const { images, texts } = samplePairs(seed, rows, dim, { lean });
    // Class 3 stays empty.
    const labels = Int32Array.from(images, (_, i) => (i % 5 === 4 ? -1 : i % 3));
    return {
      images,
      texts,
      labels,
      classes: 4,
      classEmbeddings: [images[0]!, texts[0]!, images[0]!, texts[0]!],
      weights,
    };
  });

async function termsOf(problem: PlainProblem): Promise<{ terms: TableTerms; context: TermContext }> {
  const table = tableOf(problem.images, problem.texts);
  const named = Float64Array.from(problem.classEmbeddings!.flatMap(unit));
  const { context } = await prepareClasses(table, problem.labels, problem.classes, named, nothing);
  const terms = await ownPasses({ table, check: () => {} }).terms(context, problem.labels, weights);
  return { terms, context };
}

const members = ({ labels }: PlainProblem, k: number): number[] =>
  [...labels.keys()].filter((row) => labels[row] === k);

const mean = (rows: number[][]): number[] =>
  rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);

describe('the terms of a class', () => {
  it('are shaped as its unit rows are: their mean, and the largest distance from it', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { terms, context } = await termsOf(problem);
        for (const k of [0, 1, 2]) {
          const rows = members(problem, k);
          if (rows.length === 0) continue;
          const least = { image: terms.leastImage[k]!, text: terms.leastText[k]! };
          const shape = classShape(k, context, least);
          for (const [side, centre, radius] of [
            [problem.images, shape.imageMean, shape.imageRadius],
            [problem.texts, shape.textMean, shape.textRadius],
          ] as const) {
            const own = rows.map((row) => unit(side[row]!));
            mean(own).forEach((x, j) => expect(centre[j]).toBeCloseTo(x, 9));
            const distances = own.map((row) => Math.hypot(...row.map((x, j) => x - centre[j]!)));
            // A square root near 0 doubles the digits that rounding takes.
            expect(radius).toBeGreaterThanOrEqual(Math.max(...distances) - 1e-9);
            expect(radius).toBeLessThanOrEqual(Math.max(...distances) + 2e-6);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are balanced by the mean of cross + ½·label, 0 for an empty class', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { terms, context } = await termsOf(problem);
        for (const k of [0, 1, 2]) {
          const rows = members(problem, k);
          if (rows.length === 0) continue;
          const sum = rows.reduce((sum, row) => sum + terms.cross[row]! + terms.label[row]! / 2, 0);
          expect(balanceWeight(k, context)).toBeCloseTo(sum / rows.length, 9);
        }
        expect(balanceWeight(3, context)).toBe(0);
        // Without names there is no label.
        const crossAlone = balanceWeight(0, { ...context, classEmbeddings: null });
        const own = members(problem, 0);
        const cross = own.reduce((sum, row) => sum + terms.cross[row]!, 0) / own.length;
        expect(crossAlone).toBeCloseTo(cross, 9);
      }),
    );
  });

  it('are shifted by no less than what makes every similarity positive, and no more than the bound says', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { terms, context } = await termsOf(problem);
        const plain = new PlainObjective(problem);
        for (const k of [0, 1, 2]) {
          const rows = members(problem, k);
          if (rows.length === 0) continue;
          const least = { image: terms.leastImage[k]!, text: terms.leastText[k]! };
          const shape = classShape(k, context, least);
          const cross = rows.map((row) => terms.cross[row]!);
          const shift = similarityShift(Float64Array.from(cross), shape);
          const similarities = rows.flatMap((i) => rows.map((j) => plain.similarity(i, j)));
          expect(shift).toBeGreaterThanOrEqual(-Math.min(...similarities));
          const bound =
            2 * shape.imageRadius * shape.textRadius -
            2 * Math.min(...cross) +
            mean(cross.map((x) => [x]))[0]!;
          expect(shift).toBeCloseTo(Math.min(2, Math.max(0, bound)) + 1e-6, 9);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are those of the definition, and weighted as they are to be', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { terms } = await termsOf(problem);
        const plain = new PlainObjective(problem);
        for (const row of plain.rows) {
          const label = problem.classEmbeddings![problem.labels[row]!]!;
          expect(terms.attraction[row]).toBeCloseTo(plain.attraction[row]!, 9);
          expect(terms.self[row]).toBeCloseTo(plain.similarity(row, row) / 2, 9);
          expect(terms.label[row]).toBeCloseTo(dot(unit(problem.texts[row]!), unit(label)), 9);
        }
      }),
    );
  });

  it('are those of the definition where a class is alone: nothing of others', async () => {
    const { images, texts } = samplePairs(4, 6, 3);
    const labels = new Int32Array(6);
    const { terms } = await termsOf({
      images,
      texts,
      labels,
      classes: 3,
      classEmbeddings: [
        [1, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
      ],
      weights,
    });
    for (const row of labels.keys()) {
      const { cross, self, label, attraction } = terms;
      expect(attraction[row]).toBeCloseTo(cross[row]! + 2 * self[row]! + label[row]! / 2, 9);
      expect(self[row]).toBeCloseTo(dot(unit(images[row]!), unit(texts[row]!)), 9);
      expect(label[row]).toBeCloseTo(unit(texts[row]!)[0]!, 9);
    }
  });
});
