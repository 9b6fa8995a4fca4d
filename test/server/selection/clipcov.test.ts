import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../server/protocol/selection.js';
import { selectClipcov } from '../../../server/selection/clipcov.js';
import { ownPasses, type Passes } from '../../../server/selection/passes.js';
import { measureRows } from '../../../server/selection/objective.js';
import { prepareClasses } from '../../../server/selection/prepare.js';
import type { SelectionOrder } from '../../../server/selection/selectionInput.js';
import { productsOf } from '../engine/testProducts.js';
import { PlainObjective, tableOf, type PlainProblem } from './plainGreedy.js';
import { between } from './between.js';
import { samplePairs } from './samples.js';

const objective = async (...of: Parameters<typeof measureRows>): Promise<Objective> =>
  (await measureRows(...of)).objective;

const PAPER = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 };
const nothing = async (): Promise<void> => {};

async function run(
  problem: PlainProblem,
  budget: number,
  include: number[] = [],
  passes?: (own: Passes) => Passes,
  checkpoint: (done: number, total: number) => Promise<void> = nothing,
): Promise<SelectionOrder & Objective & { sum: number }> {
  const table = tableOf(problem.images, problem.texts);
  const embeddings = problem.classEmbeddings
    ? Float64Array.from(problem.classEmbeddings.flatMap((row) => row.map((x) => x / Math.hypot(...row))))
    : null;
  const prepared = await prepareClasses(table, problem.labels, problem.classes, embeddings, nothing);
  const order = await selectClipcov({
    table,
    labels: problem.labels,
    ...prepared,
    weights: problem.weights,
    budget,
    ...(include.length > 0 && { include: Int32Array.from(include) }),
    ...(passes && { passes: passes(ownPasses({ table, check: () => {} })) }),
    seed: 0,
    checkpoint,
    check: () => {},
    products: productsOf(table.dim),
  });
  const F = await objective(table, problem.labels, order.rows, prepared.context, problem.weights, nothing);
  return { ...order, ...F, sum: Object.values(F.terms).reduce((a, b) => a + b, 0) };
}

function clipScore({ images, texts }: PlainProblem, row: number): number {
  const [v, l] = [images[row]!, texts[row]!];
  return v.reduce((sum, x, j) => sum + x * l[j]!, 0) / Math.hypot(...v) / Math.hypot(...l);
}

const weights = fc.record({
  cross: between(-1, 2),
  self: between(-1, 3),
  label: between(-1, 1),
  inter: between(-1, 2),
  redundancy: fc.oneof(fc.constant(0), between(0, 8)),
  balance: fc.oneof(fc.constant(0), between(-2, 4)),
});

/** Float32 rows of a few dimensions: similarities of every sign, duplicates, empty and one-element classes. */
const problems = fc
  .record({
    rows: fc.integer({ min: 1, max: 24 }),
    dim: fc.integer({ min: 1, max: 6 }),
    classes: fc.integer({ min: 1, max: 6 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    opposed: between(-1, 1),
    weights: fc.oneof(fc.constant(PAPER), weights),
    named: fc.boolean(),
    duplicates: fc.boolean(),
  })
  .map(({ rows, dim, classes, seed, opposed, weights, named, duplicates }): PlainProblem => {
    let state = seed >>> 0;
    const number = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.fround((state / 2 ** 31 - 1 || 0.5) + 0);
    };
    const vector = (): number[] => Array.from({ length: dim }, number);
    const images = Array.from({ length: rows }, vector);
    // Captions lean towards their images, or away from them: many similarities become negative.
    const texts = images.map((image) => image.map((x) => Math.fround(opposed * x + 0.7 * number())));
    if (duplicates)
      for (let i = 1; i < rows; i += 3) {
        images[i] = images[i - 1]!;
        texts[i] = texts[i - 1]!;
      }
    const labels = Int32Array.from(
      { length: rows },
      () => Math.floor(((number() + 1) / 2) * (classes + 0.5)) - 0,
    );
    for (let i = 0; i < rows; i++) if (labels[i]! >= classes) labels[i] = -1;
    return {
      images,
      texts,
      labels,
      classes,
      classEmbeddings: named ? Array.from({ length: classes }, vector) : null,
      weights,
    };
  })
  .filter((p) =>
    [...p.images, ...p.texts, ...(p.classEmbeddings ?? [])].every((row) => Math.hypot(...row) > 1e-3),
  );

describe('selectClipcov', () => {
  it('takes at every step a pair whose gain is within 1e-9 of the best, whatever the signs and weights', async () => {
    await fc.assert(
      fc.asyncProperty(problems, between(0, 1), async (problem, share) => {
        const plain = new PlainObjective(problem);
        const budget = Math.round(share * plain.rows.length);
        const order = await run(problem, budget);
        expect(order.rows.length).toBe(budget);
        expect(new Set(order.rows).size).toBe(budget);
        const subset: number[] = [];
        for (let i = 0; i < budget; i++) {
          const gains = plain.rows
            .filter((row) => !subset.includes(row))
            .map((row) => plain.gain(subset, row));
          const own = plain.gain(subset, order.rows[i]!);
          expect(own).toBeGreaterThanOrEqual(Math.max(...gains) - 1e-9);
          expect(order.gains[i]).toBeCloseTo(own, 9);
          subset.push(order.rows[i]!);
        }
        expect(order.value).toBeCloseTo(plain.value(subset), 9);
        const { objective: own, clipScores } = order.measured!;
        expect(own.value).toBeCloseTo(order.value, 9);
        for (const term of Object.keys(order.terms) as (keyof typeof own.terms)[])
          expect(own.terms[term], term).toBeCloseTo(order.terms[term], 8);
        subset.forEach((row, i) => expect(clipScores[i]).toBeCloseTo(clipScore(problem, row), 12));
        expect(order.sum).toBe(order.value);
      }),
      { numRuns: 600 },
    );
  });

  it('picks included pairs first, in their order, and every other by what it adds to them', async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.nat(), between(0, 1), async (problem, seed, share) => {
        const plain = new PlainObjective(problem);
        const include = plain.rows.filter((row) => (row * 7 + seed) % 3 === 0).reverse();
        const budget = Math.round(share * plain.rows.length);
        const unusable = [...problem.labels.keys()].filter((row) => problem.labels[row]! < 0);
        const order = await run(problem, budget, [...unusable, ...include]);
        expect(order.rows.length).toBe(budget);
        expect(new Set(order.rows).size).toBe(budget);
        expect([...order.rows.slice(0, include.length)]).toEqual(include.slice(0, budget));
        const subset: number[] = [];
        for (const [i, row] of order.rows.entries()) {
          const own = plain.gain(subset, row);
          expect(order.gains[i]).toBeCloseTo(own, 9);
          const others = plain.rows.filter((other) => !subset.includes(other) && !include.includes(other));
          if (i >= include.length)
            expect(own).toBeGreaterThanOrEqual(
              Math.max(...others.map((other) => plain.gain(subset, other))) - 1e-9,
            );
          subset.push(row);
        }
        expect(order.measured!.objective.value).toBeCloseTo(plain.value(subset), 9);
      }),
      { numRuns: 300 },
    );
  });

  it('equals plain greedy pick for pick where every number is exact, ties included', async () => {
    // Rows of ±1 on one of four axes and class sizes that are powers of two: all sums are exact, ties abound.
    const exact = fc
      .array(
        fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.integer({ min: 0, max: 3 }), fc.boolean()),
        {
          minLength: 8,
          maxLength: 8,
        },
      )
      .map((rows): PlainProblem => {
        const axis = (at: number, negative: boolean): number[] =>
          Array.from({ length: 4 }, (_, j) => (j === at ? (negative ? -1 : 1) : 0));
        return {
          images: rows.map(([at, negative]) => axis(at, negative)),
          texts: rows.map(([, , at, negative]) => axis(at, negative)),
          labels: Int32Array.from(rows, (_, i) => (i < 4 ? 0 : 1)),
          classes: 3,
          classEmbeddings: null,
          weights: PAPER,
        };
      });
    await fc.assert(
      fc.asyncProperty(exact, fc.integer({ min: 0, max: 8 }), async (problem, budget) => {
        const plain = new PlainObjective(problem).greedy(budget);
        const order = await run(problem, budget);
        expect([...order.rows]).toEqual(plain.map((pick) => pick.row));
      }),
      { numRuns: 400 },
    );
  });

  it('is nested: a smaller budget is a prefix', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const all = new PlainObjective(problem).rows.length;
        const whole = await run(problem, all);
        for (const budget of [0, 1, all >> 1]) {
          const order = await run(problem, Math.min(budget, all));
          expect([...order.rows]).toEqual([...whole.rows.slice(0, Math.min(budget, all))]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('runs the greedies again only where too few pairs were found, each time from further down', async () => {
    const roundsOf = async (
      problem: PlainProblem,
      budget: number,
    ): Promise<{ threshold: number; found: number }[]> => {
      const rounds: { threshold: number; found: number }[] = [];
      await run(problem, budget, [], (own) => ({
        ...own,
        async greedy(tasks, onOrder) {
          const round = { threshold: tasks[0]?.threshold ?? -Infinity, found: 0 };
          rounds.push(round);
          await own.greedy(tasks, async (task, order) => {
            round.found += order.picks.length;
            return onOrder(task, order);
          });
        },
      }));
      return rounds;
    };
    await fc.assert(
      fc.asyncProperty(problems, between(0, 1), async (problem, share) => {
        const budget = Math.round(share * new PlainObjective(problem).rows.length);
        const rounds = await roundsOf(problem, budget);
        expect(rounds.map(({ found }) => found >= budget)).toEqual([
          ...new Array<boolean>(rounds.length - 1).fill(false),
          true,
        ]);
      }),
      { numRuns: 100 },
    );
    // Ten alike pairs and ten with nothing in common: the static terms promise the former too much.
    const axis = (at: number): number[] => Array.from({ length: 22 }, (_, j) => Number(j === at));
    const alike = Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : i + 1));
    const rounds = await roundsOf(
      {
        images: alike.map(axis),
        texts: alike.map((at) => axis(at === 0 ? 0 : 21)),
        labels: new Int32Array(20),
        classes: 1,
        classEmbeddings: null,
        weights: { cross: 0, self: 10, label: 0, inter: 0, redundancy: 8, balance: 0 },
      },
      10,
    );
    const first = rounds[0]!.threshold;
    const down = [0, 0.01, 0.05, 0.21, 0.85, Infinity];
    expect(rounds.map(({ threshold }) => threshold)).toEqual(down.map((by) => expect.closeTo(first - by, 9)));
    expect(rounds.slice(0, -1).every(({ found }) => found < 10)).toBe(true);
  });

  it('says how many pairs of how many are gone through', async () => {
    const { images, texts } = samplePairs(4, 12, 3);
    const labels = Int32Array.from(images, (_, i) => i % 3);
    const problem = { images, texts, labels, classes: 3, classEmbeddings: null, weights: PAPER };
    const seen: number[][] = [];
    await run(
      problem,
      4,
      [],
      (own) => own,
      async (...at) => void seen.push(at),
    );
    expect(seen.slice(-3)).toEqual([
      [4, 12],
      [8, 12],
      [12, 12],
    ]);
  });

  it('gives no more than there are, and no more than were asked for beside included ones', async () => {
    const at = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];
    // The first class has five good pairs; the second one a better one, and three poor ones that are to be picked first.
    const apart = [0.3, 0.31, 0.32, 0.33, 0.34, 0.1, 1.5, 1.51, 1.52];
    const problem: PlainProblem = {
      images: apart.map((_, i) => at(2 * i)),
      texts: apart.map((angle, i) => at(2 * i + angle)),
      labels: Int32Array.from(apart, (_, i) => (i < 5 ? 0 : 1)),
      classes: 2,
      classEmbeddings: null,
      weights: { cross: 0, self: 1, label: 0, inter: 0, redundancy: 0, balance: 0 },
    };
    expect([...(await run(problem, 6, [6, 7, 8])).rows]).toEqual([6, 7, 8, 5, 0, 1]);
    expect([...(await run(problem, 100)).rows]).toEqual([5, 0, 1, 2, 3, 4, 6, 7, 8]);
    expect([...(await run(problem, 2, [6, 7, 8])).rows]).toEqual([6, 7]);
  });
});
