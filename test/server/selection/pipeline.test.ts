import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constrained, quotaOf } from '../../../server/selection/constraints.js';
import { selectCRho } from '../../../server/selection/cRho.js';
import { methods } from '../../../server/selection/methods.js';
import { negClipLoss } from '../../../server/selection/negClipLoss.js';
import { selectNormSim } from '../../../server/selection/normSim.js';
import { isNested, parsePipeline } from '../../../server/selection/pipeline.js';
import { relativeAngles } from '../../../server/selection/relativeAngle.js';
import { runPipeline } from '../../../server/selection/runPipeline.js';
import { productsOf } from '../engine/testProducts.js';
import { plainDuplicates } from './plainDuplicates.js';
import { tableOf } from './plainGreedy.js';
import { productInput, type SamplePairs } from './productInput.js';
import { dot, numbers, samplePairs, unit } from './samples.js';

const pairsOf = (seed: number, rows: number, dim = 5, classes = 3): SamplePairs => {
  const next = numbers(seed + 99);
  return {
    ...samplePairs(seed, rows, dim, { repeats: 0.2 }),
    labels: Array.from({ length: rows }, (_, i) => (i % 11 === 10 ? -1 : i % classes)),
    classEmbeddings: Array.from({ length: classes }, () => Array.from({ length: dim }, next)),
  };
};
const live = ({ labels }: SamplePairs): number[] => labels.flatMap((label, row) => (label >= 0 ? [row] : []));
/** Rows by a score, largest first, ties to the lowest. */
const ranked = (rows: number[], score: (row: number) => number): number[] =>
  rows.slice().sort((a, b) => score(b) - score(a) || a - b);

describe('parsePipeline', () => {
  it('reads steps, parts and amounts', () => {
    expect(parsePipeline('clipcov')).toEqual([[{ name: 'clipcov', amount: null }]]);
    expect(parsePipeline('neg-clip-loss:30% | norm-sim:20%')).toEqual([
      [{ name: 'neg-clip-loss', amount: '30%' }],
      [{ name: 'norm-sim', amount: '20%' }],
    ]);
    expect(parsePipeline('ood:95%|near-duplicates|clip-score:10 & random:5|clipcov')).toEqual([
      [{ name: 'ood', amount: '95%' }],
      [{ name: 'near-duplicates', amount: null }],
      [
        { name: 'clip-score', amount: '10' },
        { name: 'random', amount: '5' },
      ],
      [{ name: 'clipcov', amount: null }],
    ]);
  });

  it('refuses what it cannot read, with the reason', () => {
    for (const [text, why] of [
      ['', /a step is empty/],
      ['clipcov |', /a step is empty/],
      ['clip', /'clip' is none of clipcov/],
      ['clip-score | clipcov', /'clip-score' says not how much/],
      ['clip-score & random', /says not how much/],
      ['clipcov:1:2', /is none of/],
      ['clipcov:', /is none of/],
      ['clipcov:10 | ood', /comes last/],
    ] as const)
      expect(() => parsePipeline(text), text).toThrow(why);
    expect(() => parsePipeline('clip | random')).toThrow(
      expect.objectContaining({
        code: 'method-invalid',
        message: expect.stringMatching(
          /^The method 'clip \| random' cannot be read: 'clip' is none of clipcov, /,
        ) as string,
        fix: expect.stringMatching(/neg-clip-loss:30% \| norm-sim:20%/) as string,
      }),
    );
  });

  it('knows whose picks for a budget begin with those for a smaller one', () => {
    for (const [text, nested] of [
      ['clipcov', true],
      ['skmm', false],
      ['clipcov-pruned', false],
      ['clip-score:20 | skmm', false],
      ['skmm:20 | clipcov', true],
      ['clipcov:10 & skmm:20', true],
    ] as const)
      expect(isNested(parsePipeline(text)), text).toBe(nested);
  });
});

describe('runPipeline', () => {
  it('chooses from what is left, shares being of all, and equals the steps done by hand', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const pairs = pairsOf(seed, 60);
      const v = pairs.images.map(unit);
      const l = pairs.texts.map(unit);
      const rows = live(pairs);
      const input = await productInput(pairs, 7);
      const clip = (row: number): number => dot(v[row]!, l[row]!);
      const found = await runPipeline(parsePipeline('clip-score:50% | random'), input, rows.length);
      const half = ranked(rows, clip).slice(0, Math.floor(rows.length / 2));
      expect(found.order.rows).toHaveLength(7);
      expect([...found.order.rows].every((row) => half.includes(row))).toBe(true);
      expect(found.input.members.flatMap((own) => [...own]).sort((a, b) => a - b)).toEqual(
        half.sort((a, b) => a - b),
      );
      const both = await runPipeline(parsePipeline('clip-score:20 & random:30'), input, rows.length);
      const [score, drawn] = [
        await methods['clip-score']({ ...input, budget: 20 }),
        await methods.random({ ...input, budget: 30 }),
      ];
      expect([...both.order.rows]).toEqual([...score.rows].filter((row) => drawn.rows.includes(row)));
      const gainOf = new Map([...score.rows].map((row, i) => [row, score.gains[i]]));
      expect([...both.order.gains]).toEqual([...both.order.rows].map((row) => gainOf.get(row)));
      expect([both.nearDuplicates, both.leftOutBy.some((step) => step > 0)]).toEqual([0, false]);
    }
  });

  it('leaves near duplicates out and counts them', async () => {
    const pairs = pairsOf(4, 80, 3);
    const input = await productInput(pairs, 500);
    const found = await runPipeline(parsePipeline('near-duplicates:0.2 | clip-score'), input, 80);
    const members = [0, 1, 2].map((k) =>
      Int32Array.from(pairs.labels.keys()).filter((row) => pairs.labels[row] === k),
    );
    const dropped = plainDuplicates(pairs.images, pairs.texts, members, 0.2);
    const nearest = plainDuplicates(pairs.images, pairs.texts, members, 0.05);
    expect(dropped.length).toBeGreaterThan(nearest.length);
    expect(found.nearDuplicates).toBe(dropped.length);
    expect([...found.order.rows].sort((a, b) => a - b)).toEqual(
      live(pairs).filter((row) => !dropped.includes(row)),
    );
  });

  it('tells which step left a row out, and how many were near duplicates', async () => {
    const pairs = pairsOf(4, 80, 3);
    const input = await productInput(pairs, 5);
    const steps = parsePipeline('clip-score:50 & random:60 | near-duplicates | clip-score');
    const found = await runPipeline(steps, input, 80);
    const [score, drawn] = [
      await methods['clip-score']({ ...input, budget: 50 }),
      await methods.random({ ...input, budget: 60 }),
    ];
    const first = live(pairs).filter((row) => score.rows.includes(row) && drawn.rows.includes(row));
    const members = [0, 1, 2].map((k) => first.filter((row) => pairs.labels[row] === k));
    // ε is 0.05 where none is given.
    const second = plainDuplicates(pairs.images, pairs.texts, members, 0.05);
    expect(second.length).toBeGreaterThan(3);
    expect(found.nearDuplicates).toBe(second.length);
    expect([...found.leftOutBy]).toEqual(
      pairs.labels.map((label, row) => {
        if (label < 0) return 0;
        if (!first.includes(row)) return 1;
        return second.includes(row) ? 2 : 0;
      }),
    );
    expect(found.order.rows).toHaveLength(5);
  });

  it('lets ood without an amount rank all, and skmm aim at the amount it is given', async () => {
    const pairs = pairsOf(4, 40);
    const plain = await productInput(pairs, 6);
    const input = { ...plain, subsetSize: 9 };
    // Of budget 6, ood leaves all: no filter without an amount leaves anything out.
    const ranked = await runPipeline(parsePipeline('ood | clip-score:40'), input, 40);
    expect(ranked.order.rows).toHaveLength(live(pairs).length);
    const amounts = await runPipeline(parsePipeline('skmm:12 & random:40'), input, 40);
    expect(amounts.order.rows).toEqual((await methods.skmm({ ...plain, budget: 12 })).rows);
    const last = await runPipeline(parsePipeline('skmm'), input, 40);
    expect(last.order.rows).toEqual((await methods.skmm({ ...plain, subsetSize: 9, budget: 6 })).rows);
  });
});

describe('norm-sim', () => {
  it('is the norm of the similarities to the target, and finds planted images', async () => {
    const pairs = pairsOf(2, 50, 6);
    const rows = live(pairs);
    const target = samplePairs(77, 9, 6).images.map(unit);
    const v = pairs.images.map(unit);
    for (const norm of ['2', 'inf'] as const) {
      const score = (row: number): number => {
        const similar = target.map((x) => dot(v[row]!, x));
        return norm === 'inf' ? Math.max(...similar) : Math.hypot(...similar);
      };
      const images = Float32Array.from(target.flat());
      const input = { ...(await productInput(pairs, rows.length)), target: { images, norm } };
      const order = await selectNormSim(input);
      order.rows.forEach((row, i) => expect(order.gains[i]).toBeCloseTo(score(row), 5));
      expect(new Set(order.rows).size).toBe(rows.length);
      const planted = [rows[3]!, rows[20]!];
      const near = Float32Array.from(planted.flatMap((row) => v[row]!));
      const first = await selectNormSim({ ...input, budget: 2, target: { images: near, norm: 'inf' } });
      expect([...first.rows].every((row) => first.gains[[...first.rows].indexOf(row)]! > 0.9999)).toBe(true);
    }
    await expect(selectNormSim(await productInput(pairs, 3))).rejects.toMatchObject({
      code: 'target-missing',
      message: expect.stringMatching(/target set/) as string,
      fix: expect.stringMatching(/--target FILE\.npy/) as string,
    });
  });

  it.each(['2', 'inf'] as const)('goes over blocks of images and of the target, norm %s', async (norm) => {
    const pairs = { ...samplePairs(3, 1_050, 3), labels: new Array<number>(1_050).fill(0) };
    const target = samplePairs(8, 1_050, 3).images.map(unit);
    const input = {
      ...(await productInput(pairs, 1_050)),
      target: { images: Float32Array.from(target.flat()), norm },
    };
    const order = await selectNormSim(input);
    for (const i of [0, 1, 400, 1_049]) {
      const v = unit(pairs.images[order.rows[i]!]!);
      const similar = target.map((x) => dot(v, x));
      const expected = norm === 'inf' ? Math.max(...similar) : Math.hypot(...similar);
      expect(order.gains[i]).toBeCloseTo(expected, 4);
    }
  });
});

describe('c-rho', () => {
  it('takes the pairs whose loss fell most, the planted ones first', async () => {
    const pairs = pairsOf(6, 44, 12);
    const rows = live(pairs);
    const input = await productInput(pairs, rows.length);
    // Under the early model the captions of a few pairs were another's.
    const planted = [rows[1]!, rows[8]!, rows[30]!];
    const texts = pairs.texts.slice();
    planted.forEach((row, i) => (texts[row] = pairs.texts[planted[(i + 1) % 3]!]!));
    const table = tableOf(pairs.images, texts);
    const early = { table, products: productsOf(12) };
    const order = await selectCRho({ ...input, early });
    const [now, before] = [await negClipLoss(input), await negClipLoss({ ...input, table })];
    expect([...order.rows]).toEqual(ranked(rows, (row) => now[row]! - before[row]!));
    expect(planted).toContain(order.rows[0]);
    await expect(selectCRho(input)).rejects.toMatchObject({
      code: 'early-missing',
      message: expect.stringMatching(/early model/) as string,
      fix: expect.stringMatching(/--early STORE/) as string,
    });
  });
});

describe('the filter ood', () => {
  /** The definition: project, subtract the mean, measure the angle. */
  function plainAngle(v: number[], k: number, classes: number[][], mean: number[]): number {
    const less = (a: number[], b: number[]): number[] => a.map((x, j) => x - b[j]!);
    return Math.max(
      ...classes.flatMap((text, other) => {
        if (other === k) return [];
        const w = less(classes[k]!, text);
        const projected = v.map((x, j) => x - (dot(w, v) / dot(w, w)) * w[j]!);
        const [a, b] = [less(v, mean), less(projected, mean)];
        return Math.acos(Math.max(-1, Math.min(1, dot(a, b) / Math.hypot(...a) / Math.hypot(...b))));
      }),
    );
  }

  it('is the largest angle to the boundaries, seen from the mean, and drops planted outsiders first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 2, max: 5 }), async (seed, classes) => {
        const pairs = pairsOf(seed, 30, 8, classes);
        const texts = pairs.classEmbeddings!.map(unit);
        const v = pairs.images.map(unit);
        pairs.labels = pairs.labels.map((label, row) => {
          const scores = texts.map((text) => dot(v[row]!, text));
          return label < 0 ? -1 : scores.indexOf(Math.max(...scores));
        });
        const rows = live(pairs);
        const mean = v[0]!.map((_, j) => rows.reduce((sum, row) => sum + v[row]![j]!, 0) / rows.length);
        const order = await relativeAngles(await productInput(pairs, rows.length));
        expect(order.rows).toHaveLength(rows.length);
        order.rows.forEach((row, i) =>
          expect(
            Math.abs(order.gains[i]! - plainAngle(v[row]!, pairs.labels[row]!, texts, mean)),
          ).toBeLessThan(2e-3),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe('the filter ood at its borders', () => {
  it('needs two classes with names', async () => {
    const pairs = pairsOf(1, 20);
    const { images, texts, labels } = pairs;
    const nameless = { images, texts, labels };
    const one = { ...pairs, labels: pairs.labels.map(() => 0), classEmbeddings: [[1, 0, 0, 0, 0]] };
    for (const given of [nameless, one])
      await expect(relativeAngles(await productInput(given, 5))).rejects.toMatchObject({
        code: 'classes-unnamed',
        message: expect.stringMatching(/two or more/) as string,
        fix: expect.stringMatching(/class names/) as string,
      });
  });

  it('does not see a second name of a class, nor an angle of an image at the mean', async () => {
    const pairs = pairsOf(1, 20);
    const names = pairs.classEmbeddings!;
    const count = live(pairs).length;
    const plain = await relativeAngles(await productInput(pairs, count));
    const again = { ...pairs, classEmbeddings: [...names, names[0]!] };
    const named = await relativeAngles(await productInput(again, count));
    expect([...named.gains]).toEqual([...plain.gains].map((gain) => expect.closeTo(gain, 6) as number));
    // Sixteen pairs, so that their mean is no rounded one.
    const images = Array.from({ length: 16 }, () => [1, 0, 0, 0, 0]);
    const alike = {
      ...{ images, texts: pairs.texts.slice(0, 16), labels: images.map((_, i) => i % 2) },
      classEmbeddings: names.slice(0, 2),
    };
    const still = await relativeAngles(await productInput(alike, 16));
    expect([...still.gains]).toEqual(new Array<number>(16).fill(0));
  });

  it('says how far it is', async () => {
    const pairs = pairsOf(1, 20);
    const done: number[] = [];
    const checkpoint = async (own: number): Promise<void> => void done.push(own);
    await relativeAngles({ ...(await productInput(pairs, 5)), checkpoint });
    expect(done).toEqual([0, 7, 13]);
  });
});

describe('constrained', () => {
  it('takes what must be taken first, keeps to quotas, and is nested', () => {
    const order = { rows: Int32Array.of(4, 0, 1, 3, 2, 5), gains: Float64Array.of(6, 5, 4, 3, 2, 1) };
    const labels = Int32Array.of(0, 0, 1, 0, 1, 1);
    const pick = (include: number[], classQuota: string | null, budget: number): number[] => [
      ...constrained(order, labels, [3, 3], { include: Int32Array.from(include), classQuota }, budget).rows,
    ];
    expect(pick([], null, 3)).toEqual([4, 0, 1]);
    expect(pick([5, 2], null, 4)).toEqual([5, 2, 4, 0]);
    expect(pick([], '1', 6)).toEqual([4, 0]);
    expect(pick([3], '2', 6)).toEqual([3, 4, 0, 2]);
    expect(pick([0, 1, 3], '1', 6)).toEqual([0, 1, 3, 4]);
    expect(pick([5, 2, 4], null, 2)).toEqual([5, 2]);
    for (const budget of [0, 1, 2, 3])
      expect(pick([3], '2', budget)).toEqual(pick([3], '2', 6).slice(0, budget));
    expect([quotaOf('50%', 7), quotaOf('1%', 7), quotaOf('9', 7), quotaOf(null, 7)]).toEqual([3, 1, 7, 7]);
    expect([quotaOf('50%', 0), quotaOf('9', 0), quotaOf(null, 0)]).toEqual([0, 0, 0]);
    const few = { rows: order.rows.slice(0, 3), gains: order.gains.slice(0, 3) };
    const { gains } = constrained(few, labels, [3, 3], { include: Int32Array.of(5, 0), classQuota: null }, 4);
    expect([...gains]).toEqual([0, 5, 6, 4]);
  });
});
