import { describe, expect, it } from 'vitest';
import { ClassPass, type PassSetup } from '../../../server/evaluation/classPass.js';
import { ClassRows, residentRows } from '../../../server/evaluation/classRows.js';
import {
  Directions,
  type DirectionSetup,
  type DirectionTask,
} from '../../../server/evaluation/directions.js';
import type { EvaluationContext } from '../../../server/evaluation/evaluated.js';
import { evaluateSubsets } from '../../../server/evaluation/evaluateSubset.js';
import { gramBytes, gramMemory } from '../../../server/evaluation/classGram.js';
import {
  passOverClasses,
  type ClassRange,
  type NestedSubset,
  type PassedSubset,
} from '../../../server/evaluation/subsetPass.js';
import { KernelMemory } from '../../../server/kernels/kernels.js';
import { plainDuplicates } from '../selection/plainDuplicates.js';
import { PlainObjective, tableOf } from '../selection/plainGreedy.js';
import { numbers, samplePairs, unit } from '../selection/samples.js';
import { contextOf, weights } from './plainContext.js';
import type { PlainPairs } from './plainMeasures.js';

/** Pairs of which the first so many are of class 0, and so on; the last `others` of none. */
function pairsOf(seed: number, dim: number, sizes: number[], others = 0, repeats = 0.3): PlainPairs {
  const labels = [
    ...sizes.flatMap((size, k) => Array<number>(size).fill(k)),
    ...Array<number>(others).fill(-1),
  ];
  return { ...samplePairs(seed, labels.length, dim, { lean: 0.4, repeats }), labels };
}

const shuffled = (rows: Int32Array, seed: number): Int32Array => {
  const next = numbers(seed);
  return Int32Array.from(
    Array.from(rows, (row) => [next(), row] as const).sort((a, b) => a[0] - b[0]),
    ([, row]) => row,
  );
};

/** The same context, in which the pass tells what it is asked for. */
function watched(context: EvaluationContext): {
  context: EvaluationContext;
  setups: PassSetup[];
  ranges: ClassRange[];
} {
  const [setups, ranges]: [PassSetup[], ClassRange[]] = [[], []];
  const { table, products, checkpoint } = context;
  const threads: EvaluationContext['threads'] = {
    classes: async (setup, asked, shares, onFound) => {
      setups.push(setup);
      ranges.push(...asked);
      const pass = new ClassPass(setup, table, products, checkpoint);
      // In another order than they are asked for, as threads end.
      for (const { first, end } of asked.toReversed()) {
        const found = await pass.measure(first, end);
        expect(found.counts).toHaveLength((end - first) * setup.sets);
        await onFound(found);
      }
      for (const share of shares.toReversed()) await pass.addShare(share);
      pass.end();
    },
    directions: async () => undefined,
  };
  return { context: { ...context, threads }, setups, ranges };
}

function expectSame(found: PassedSubset, expected: PassedSubset): void {
  for (const [name, value] of Object.entries(expected)) {
    if (typeof value !== 'number') continue;
    const measured = found[name as keyof PassedSubset] as number;
    expect(Math.abs(measured - value), `${name}: ${measured} for ${value}`).toBeLessThan(
      2e-6 * (1 + Math.abs(value)),
    );
  }
  expect(found.duplicateRate).toBe(expected.duplicateRate);
  expect(found.picked).toEqual(expected.picked);
  expect(found.shape).toEqual(expected.shape);
  for (const [term, value] of Object.entries(expected.objective.terms))
    expect(found.objective.terms[term as keyof typeof found.objective.terms], term).toBeCloseTo(value, 6);
}

describe('passOverClasses', () => {
  // An empty class, one of a pair, small ones, the largest small one, large ones of one chunk and of two.
  const sizes = [0, 1, 40, 300, 1024, 1100, 2500];

  it('finds of every prefix what it finds of the prefix alone, in classes of every size', async () => {
    const pairs = pairsOf(1, 12, sizes, 30);
    const context = await contextOf(pairs, sizes.length);
    const order = shuffled(context.all, 4);
    const nested: NestedSubset[] = [
      { rows: order, sizes: [0, 1, 30, 1500, 1500, 3000, order.length] },
      { rows: order.subarray(2000).toReversed(), sizes: [700, 2500] },
      // One class entirely, then others.
      { rows: context.all.toReversed(), sizes: [2500, 3600, 4700] },
    ];
    const { full, found } = await passOverClasses(nested, context);
    for (const [o, { rows, sizes: own }] of nested.entries())
      for (const [p, size] of own.entries()) {
        const alone = await passOverClasses([{ rows: rows.subarray(0, size), sizes: [size] }], context);
        expectSame(found[o]![p]!, alone.found[0]![0]!);
        expectSame(alone.full, full);
      }
    expectSame(found[0]!.at(-1)!, full);
    expect(found[0]!.at(-1)!.classCovarianceError).toBe(0);
    expect(full).toMatchObject({
      pairs: order.length,
      parts: null,
      classCovarianceError: 0,
      imageCentreDistance: 0,
    });
    expect(found.map((own) => own.map(({ parts }) => parts))).toEqual([
      [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], null],
      [[8], [8, 9]],
      [[10], [10, 11], [10, 11, 12]],
    ]);
  });

  it.each([
    // Small classes apart, of which no piece of the pass is as long as a product of what a set adds.
    ['between large ones', Array.from({ length: 20 }, (_, k) => (k % 2 ? 1030 : 330))],
    // More of them than are summed at once.
    ['more than a share', Array.from({ length: 36 }, () => 980)],
    ['fewer than a product', [3, 2, 4]],
  ])('sums the moments of all pairs and of what prefixes add: small classes %s', async (_, own) => {
    const dim = 3;
    const pairs = pairsOf(6, dim, own);
    const context = await contextOf(pairs, own.length);
    const share = (...of: number[]): number[] => of.map((part) => Math.floor(part * context.all.length));
    // Of as many pairs as fill combinations, the first two are told apart together, and the third by itself.
    const nested: NestedSubset[] = [
      { rows: shuffled(context.all, 9), sizes: share(0.2, 0.85, 1) },
      { rows: shuffled(context.all, 10), sizes: share(0.3, 0.7) },
      { rows: shuffled(context.all, 11), sizes: share(0.1, 0.4, 0.6) },
    ];
    const { area, added } = await passOverClasses(nested, watched(context).context);
    const [images, texts] = [pairs.images.map(unit), pairs.texts.map(unit)];
    const parts = [
      context.all,
      ...nested.flatMap(({ rows, sizes }) => sizes.map((size, p) => rows.subarray(sizes[p - 1] ?? 0, size))),
    ];
    for (const [set, rows] of parts.entries()) {
      expect(added[set]).toBe(rows.length);
      const expected = new Float64Array(dim * dim + 2 * dim);
      // Nothing is added up of a set that has all pairs.
      for (const row of set === 3 ? [] : rows) {
        const v = images[row]!.map((x, j) => x - context.origin.image[j]!);
        const l = texts[row]!.map((x, j) => x - context.origin.text[j]!);
        for (let i = 0; i < dim; i++) {
          for (let j = 0; j < dim; j++) expected[i * dim + j]! += v[i]! * l[j]!;
          expected[dim * dim + i]! += v[i]!;
          expected[dim * dim + dim + i]! += l[i]!;
        }
      }
      expected.forEach((value, i) =>
        expect(Math.abs(area.sets[set]![i]! - value), `${set}, ${i}`).toBeLessThanOrEqual(1e-6 * rows.length),
      );
    }
  });

  it('agrees with the definitions of the objective and of near-duplicates, of prefixes and of all pairs', async () => {
    const pairs = pairsOf(2, 6, [0, 1, 30, 90, 60], 9);
    const context = await contextOf(pairs, 5);
    const order = shuffled(context.all, 3);
    const nested = [
      { rows: order, sizes: [10, 60, 130] },
      { rows: order.toReversed(), sizes: [50, 51] },
    ];
    const { full, found } = await passOverClasses(nested, context);
    const problem = {
      ...pairs,
      labels: Int32Array.from(pairs.labels),
      classes: 5,
      classEmbeddings: null,
      weights,
    };
    const objective = new PlainObjective(problem);
    const subsets = [
      ...nested.flatMap(({ rows, sizes: own }) => own.map((size) => [...rows.subarray(0, size)])),
      [...order],
    ];
    for (const [i, passed] of [...found.flat(), full].entries()) {
      const subset = subsets[i]!;
      expect(passed.objective.value).toBeCloseTo(objective.value(subset), 9);
      const members = [0, 1, 2, 3, 4].map((k) => subset.filter((row) => pairs.labels[row] === k));
      const repeated = plainDuplicates(pairs.images, pairs.texts, members, 0.05).length;
      expect(passed.duplicateRate).toBeCloseTo(repeated / subset.length, 12);
      expect(passed.shape.scores.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
      expect(passed.shape.classes.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
    }
  });

  it('adds to the area the moments about the origin of what each prefix adds, and nothing of sets that are all pairs', async () => {
    const pairs = pairsOf(3, 3, [0, 40, 1024, 981, 50, 1030], 5);
    const context = await contextOf(pairs, 6);
    const { image, text } = context.origin;
    const order = shuffled(context.all, 5);
    // With two rows for each class before, the first of the third class fills a chunk of 2,048.
    const filling = context.all.subarray(0, 40 + 1024 + 979);
    const nested = [
      { rows: order, sizes: [100, 700, order.length] },
      { rows: order.toReversed(), sizes: [order.length] },
      { rows: filling, sizes: [filling.length] },
    ];
    const { area, added } = await passOverClasses(nested, context);
    expect([...added]).toEqual([3125, 100, 600, 2425, 3125, 2043]);
    const moments = (rows: Int32Array): number[] => {
      const sums = Array<number>(15).fill(0);
      for (const row of rows) {
        const v = unit(pairs.images[row]!).map((x, j) => x - image[j]!);
        const l = unit(pairs.texts[row]!).map((x, j) => x - text[j]!);
        [...v.flatMap((x) => l.map((y) => x * y)), ...v, ...l].forEach((x, at) => (sums[at]! += x));
      }
      return sums;
    };
    for (const [set, rows] of [
      [0, order],
      [1, order.subarray(0, 100)],
      [2, order.subarray(100, 700)],
      [5, filling],
    ] as const)
      moments(rows).forEach((sum, at) => expect(area.sets[set]![at], `${set}, ${at}`).toBeCloseTo(sum, 3));
    for (const set of [3, 4]) expect(area.sets[set]!.every((x) => x === 0)).toBe(true);
  });

  it('finds the same of a class that does not come into memory', async () => {
    const pairs = pairsOf(4, 12, [2600, 700, 2048], 10);
    const context = await contextOf(pairs, 3);
    const order = shuffled(context.all, 6);
    const nested = [
      { rows: order, sizes: [50, 1500, 4000] },
      { rows: order.toReversed(), sizes: [2000] },
    ];
    const resident = await passOverClasses(nested, context);
    const { context: small, setups } = watched({ ...context, residentBytes: 1 });
    const found = await passOverClasses(nested, small);
    expect(setups[0]).toMatchObject({ resident: 2048, most: 2600 });
    expectSame(found.full, resident.full);
    found.found.flat().forEach((passed, i) => expectSame(passed, resident.found.flat()[i]!));
  });

  it('puts small classes together as far as they go, and begins with the longest piece', async () => {
    const own = [1000, 20, 1024, 1025, 0, 500, ...Array<number>(9).fill(900), 24, 68, 1, 1025];
    const context = await contextOf(pairsOf(5, 2, own, 0, 0), own.length);
    const { context: asked, setups, ranges } = watched(context);
    await passOverClasses([{ rows: context.all, sizes: [10] }], asked);
    // From class 4 on 500 + 8·900 are 7,700; 900 + 24 + 68 + 1 are the next.
    expect(ranges).toEqual([
      { first: 4, end: 14 },
      { first: 0, end: 3 },
      { first: 3, end: 4 },
      { first: 18, end: 19 },
      { first: 14, end: 18 },
    ]);
    expect(setups[0]!.most).toBe(1025);
    // As many as there may be together.
    const whole = [...Array<number>(8).fill(1024), 1];
    const { context: eight, ranges: pieces } = watched(await contextOf(pairsOf(6, 2, whole, 0, 0), 9));
    await passOverClasses([], eight);
    expect(pieces).toEqual([
      { first: 0, end: 8 },
      { first: 8, end: 9 },
    ]);
  });

  it('finds no error in classes whose pairs are all the same', async () => {
    for (const row of [
      [1, 0],
      [0.3, 0.71],
    ]) {
      const images = Array.from({ length: 1140 }, () => row);
      const labels = images.map((_, i) => (i < 1100 ? 0 : 1));
      const context = await contextOf({ images, texts: images, labels }, 2);
      const order = Int32Array.from({ length: 60 }, (_, i) => 1060 + i);
      const { found } = await passOverClasses([{ rows: order, sizes: [10, 60] }], context);
      // Of the second class nothing is picked at first.
      expect(found[0]!.map(({ classCovarianceError }) => classCovarianceError)).toEqual([40 / 1140, 0]);
    }
  });

  it('takes up to 254 prefixes of one order', async () => {
    const context = await contextOf(pairsOf(7, 2, [1100, 300], 0, 0), 2);
    const { found } = await passOverClasses([prefixes(context, 254)], context);
    expect(found[0]!.map(({ pairs }) => pairs)).toEqual(prefixes(context, 254).sizes);
    await expect(passOverClasses([prefixes(context, 255)], context)).rejects.toThrow(
      'too many prefixes of one order',
    );
  });

  it('has memory for sums of many sets that are wide', async () => {
    const context = await contextOf(pairsOf(7, 160, [1100, 300], 0, 0), 2);
    await expect(passOverClasses([prefixes(context, 70)], context)).resolves.toBeDefined();
  });
});

const prefixes = ({ all }: EvaluationContext, count: number): NestedSubset => ({
  rows: all,
  sizes: Array.from({ length: count }, (_, i) => 5 * (i + 1)),
});

describe('memory of a pass', () => {
  it('holds products of all with all up to the diagonal, in blocks of 256', () => {
    const [pairs, sets] = [512, 3];
    const memory = new KernelMemory(gramBytes(pairs, sets));
    const parts = Object.values(gramMemory(memory, pairs, sets)) as { byteLength: number; length: number }[];
    expect(parts.map(({ length }) => length)).toEqual([198_144, 198_144, 512, 1, 512, 512]);
    const taken = (all: { byteLength: number }[]): number =>
      all.reduce((sum, { byteLength }) => sum + byteLength, 0);
    // Each allocation is rounded up to 16 bytes.
    expect(gramBytes(pairs, sets) - taken(parts)).toBe(6 * 16);
    // More pairs than products of all with all are taken of need no more.
    expect(gramBytes(5000, sets)).toBe(gramBytes(1024, sets));
    expect(gramBytes(1024, sets)).toBeGreaterThan(gramBytes(1023, sets));
  });

  it('of rows is that of a chunk and of as many pairs as fit, halves or not', () => {
    const row = (dim: number): number[][] => [Array.from({ length: dim }, (_, j) => j + 1)];
    const table = tableOf(row(256), row(256));
    expect(() => new ClassRows(table, 1, 0)).not.toThrow();
    expect(residentRows(table)).toBe(2 ** 26 / (2 * 4 * 256));
    expect(residentRows(table, 2 * 4 * 256 * 3000 + 5)).toBe(3000);
    expect(residentRows(table, 10)).toBe(2048);
    const half = new Uint16Array(256).fill(0x3c00);
    expect(residentRows({ ...table, images: half, texts: half })).toBe(2 ** 26 / (2 * 2 * 256));
    expect(residentRows({ ...table, images: half })).toBe(2 ** 26 / (2 * 4 * 256));
    expect(residentRows({ ...table, texts: half })).toBe(2 ** 26 / (2 * 4 * 256));
  });
});

it('linear models are fitted on what is not held out, and their progress is told', async () => {
  const pairs = pairsOf(8, 4, [30, 50]);
  const context = await contextOf(pairs, 2);
  const heldOut = Int32Array.of(3, 20, 41, 77);
  const seen: { setup: DirectionSetup; tasks: readonly DirectionTask[] }[] = [];
  const own = watched({ ...context, heldOut }).context;
  own.threads!.directions = async (setup, tasks, onFound) => {
    seen.push({ setup, tasks });
    const directions = new Directions(setup, context.table, context.products, context.checkpoint);
    for (const [i, task] of tasks.entries()) await onFound(await directions.measure(task), i);
  };
  const done: number[] = [];
  const order = Int32Array.of(77, 1, 2, 60, 20, 5, 41, 3);
  await evaluateSubsets(
    [
      { rows: order, sizes: [4, 8] },
      { rows: heldOut, sizes: [4] },
    ],
    own,
    (count) => done.push(count),
  );
  expect(done).toEqual([1, 2, 3, 4]);
  expect(seen[0]!.setup.models).toBe(false);
  expect(seen[0]!.tasks.map(({ among, others }) => [[...among], others])).toEqual([
    [[77], true],
    [[3, 20, 41, 77], true],
    [[3, 20, 41, 77], false],
    [[3, 20, 41, 77], true],
  ]);

  own.threads!.directions = async (setup, tasks) => {
    seen.push({ setup, tasks });
    throw new Error('enough');
  };
  const tasks = [{} as EvaluationContext['tasks'][number]];
  await expect(evaluateSubsets([], { ...own, tasks })).rejects.toThrow('enough');
  expect(seen[1]!.setup.models).toBe(true);
});
