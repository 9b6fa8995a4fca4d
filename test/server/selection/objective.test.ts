import type { Objective } from '../../../server/protocol/selection.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectClipcov } from '../../../server/selection/clipcov.js';
import { measureRows } from '../../../server/selection/objective.js';
import { prepareClasses } from '../../../server/selection/prepare.js';
import type { Weights } from '../../../server/protocol/selection.js';
import { productsOf } from '../engine/testProducts.js';
import { PlainObjective, tableOf, type PlainProblem } from './plainGreedy.js';
import { nothing, numbers, samplePairs, unit } from './samples.js';
import { between } from './between.js';

const objective = async (...of: Parameters<typeof measureRows>): Promise<Objective> =>
  (await measureRows(...of)).objective;

const PAPER: Weights = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 };

const problems = fc
  .record({
    seed: fc.nat(),
    rows: fc.integer({ min: 1, max: 22 }),
    dim: fc.integer({ min: 1, max: 9 }),
    classes: fc.integer({ min: 1, max: 5 }),
    lean: between(-0.9, 0.9),
    named: fc.boolean(),
    weights: fc.oneof(
      fc.constant(PAPER),
      fc.record({
        cross: between(-2, 2),
        self: between(-2, 3),
        label: between(-1, 1),
        inter: between(-2, 2),
        redundancy: between(0, 9),
        balance: between(-3, 3),
      }),
    ),
  })
  .map(({ seed, rows, dim, classes, lean, named, weights }): PlainProblem => {
    const next = numbers(seed + 1);
    const labels = Int32Array.from(
      { length: rows },
      () => Math.floor(((next() + 1) / 2) * (classes + 1)) - 1,
    );
    const vector = (): number[] => Array.from({ length: dim }, next);
    const classEmbeddings = named ? Array.from({ length: classes }, vector) : null;
    return { ...samplePairs(seed, rows, dim, { lean }), labels, classes, classEmbeddings, weights };
  });

async function prepare(problem: PlainProblem): Promise<{
  table: ReturnType<typeof tableOf>;
  prepared: Awaited<ReturnType<typeof prepareClasses>>;
}> {
  const table = tableOf(problem.images, problem.texts);
  const embeddings = problem.classEmbeddings && Float64Array.from(problem.classEmbeddings.flatMap(unit));
  return {
    table,
    prepared: await prepareClasses(table, problem.labels, problem.classes, embeddings, nothing),
  };
}

async function picksOf(problem: PlainProblem, budget: number): Promise<number[]> {
  const { table, prepared } = await prepare(problem);
  const { labels, weights } = problem;
  const tools = { seed: 0, checkpoint: nothing, check: () => {}, products: productsOf(table.dim) };
  return [...(await selectClipcov({ table, labels, ...prepared, weights, budget, ...tools })).rows];
}

describe('objective', () => {
  it('is F(S) of the definition for any subset, and its terms add up', async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.infiniteStream(fc.boolean()), async (problem, chosen) => {
        const { table, prepared } = await prepare(problem);
        const plain = new PlainObjective(problem);
        const subset = plain.rows.filter(() => chosen.next().value);
        const F = await objective(
          table,
          problem.labels,
          Int32Array.from(subset),
          prepared.context,
          problem.weights,
          nothing,
        );
        const expected = plain.value(subset);
        expect(Math.abs(F.value - expected)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(expected)));
        expect(Object.values(F.terms).reduce((sum, term) => sum + term, 0)).toBe(F.value);
      }),
      { numRuns: 300 },
    );
  });

  it('has each term of the definition under its own name', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { table, prepared } = await prepare(problem);
        const rows = new PlainObjective(problem).rows;
        const none = { cross: 0, self: 0, label: 0, inter: 0, redundancy: 0, balance: 0 };
        const F = await objective(
          table,
          problem.labels,
          Int32Array.from(rows),
          prepared.context,
          problem.weights,
          nothing,
        );
        for (const name of Object.keys(none) as (keyof typeof none)[]) {
          const weights = { ...none, [name]: problem.weights[name] };
          const alone = new PlainObjective({ ...problem, weights }).value(rows);
          expect(Math.abs(F.terms[name] - alone), name).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(alone)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is 0 for the empty subset', async () => {
    const problem = fc.sample(problems, { numRuns: 1, seed: 4 })[0]!;
    const { table, prepared } = await prepare(problem);
    const F = await objective(table, problem.labels, new Int32Array(0), prepared.context, PAPER, nothing);
    expect(F.value).toBeCloseTo(0, 12);
  });
});

describe('selectClipcov', () => {
  it('picks the same pairs in whatever order the rows come, where no two gains are nearly equal', async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.nat(), async (problem, by) => {
        const plain = new PlainObjective(problem);
        const subset: number[] = [];
        for (const pick of plain.greedy(plain.rows.length)) {
          const gains = plain.rows
            .filter((row) => !subset.includes(row))
            .map((row) => plain.gain(subset, row));
          const [best, second] = gains.sort((a, b) => b - a);
          fc.pre(second === undefined || best! - second > 1e-9);
          subset.push(pick.row);
        }
        const count = problem.labels.length;
        const order = samplePermutation(count, by);
        const moved: PlainProblem = {
          ...problem,
          images: order.map((row) => problem.images[row]!),
          texts: order.map((row) => problem.texts[row]!),
          labels: Int32Array.from(order, (row) => problem.labels[row]!),
        };
        expect((await picksOf(moved, subset.length)).map((row) => order[row])).toEqual(subset);
        expect(await picksOf(problem, subset.length)).toEqual(subset);
      }),
      { numRuns: 150 },
    );
  });
});

function samplePermutation(count: number, seed: number): number[] {
  const next = numbers(seed);
  return Array.from({ length: count }, (_, i) => ({ i, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i);
}
