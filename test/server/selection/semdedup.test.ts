import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SelectionOrder } from '../../../server/selection/selectionInput.js';
import { selectSemdedup } from '../../../server/selection/semdedup.js';
import { selectSemdedupReleased } from '../../../server/selection/semdedupReleased.js';
import { plainCosines, plainHardFirst, plainSemdedup } from './plainSemdedup.js';
import { productInput } from './productInput.js';
import { dot, numbers, samplePairs, unit } from './samples.js';
import { between } from './between.js';

const RULES = [
  { name: 'semdedup', select: selectSemdedup, released: false },
  { name: 'semdedup-released', select: selectSemdedupReleased, released: true },
];

const turned = (degrees: number): number[] => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
];

function order(
  select: typeof selectSemdedup,
  images: number[][],
  labels: number[],
  budget: number,
): Promise<SelectionOrder> {
  return productInput({ images, texts: images, labels }, budget).then(select);
}

/** Neither the float32 of a cosine nor the digit it is rounded to may decide. */
function isClear(cosines: Map<number, number>): boolean {
  const sorted = [...cosines.values()].sort((a, b) => a - b);
  return sorted.every((value, i) => i === 0 || value - sorted[i - 1]! > 4e-6 || value === -1);
}

describe.each(RULES)('$name', ({ select, released }) => {
  it('keeps what the rule keeps, class by class, at every budget', async () => {
    const problem = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 40 }),
      dim: fc.constantFrom(2, 3, 5),
      repeats: between(0, 0.7),
      share: between(0, 1),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ seed, rows, dim, repeats, share }) => {
        const { images } = samplePairs(seed, rows, dim, { repeats });
        const labels = images.map((_, i) => (i % 7 === 6 ? -1 : i % 3));
        const cosines = plainCosines(images, labels, released);
        fc.pre(isClear(cosines));
        const budget = Math.round(share * cosines.size);
        const found = await order(select, images, labels, budget);
        expect([...found.rows]).toEqual(plainSemdedup(images, labels, budget, released));
        found.rows.forEach((row, i) => expect(found.gains[i]).toBeCloseTo(1 - cosines.get(row)!, 5));
      }),
      { numRuns: 200 },
    );
  });

  it('gives every copy but one of planted duplicates up first, the rest in order of rows', async () => {
    // Ten images far from each other, each four times: 30 copies tie at cosine 1.
    const { images: originals } = samplePairs(5, 10, 16, { lean: 0 });
    const images = Array.from({ length: 40 }, (_, i) => originals[i % 10]!);
    const labels = images.map(() => 0);
    const { rows, gains } = await order(select, images, labels, 40);
    expect(new Set([...rows.slice(0, 10)].map((row) => row % 10)).size).toBe(10);
    // Equal images are equally far from the centroid: the lowest row stays.
    expect([...rows.slice(0, 10)].sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect([...rows.slice(10)]).toEqual(Array.from({ length: 30 }, (_, i) => 10 + i));
    for (const gain of gains.slice(10)) expect(gain).toBe(0);
  });

  it('does not depend on the order of the pairs', async () => {
    const { images } = samplePairs(21, 300, 5, { repeats: 0.3 });
    const labels = images.map((_, i) => i % 4);
    const next = numbers(8);
    const shuffled = [...images.keys()].map((row) => ({ row, key: next() })).sort((a, b) => a.key - b.key);
    const permuted = await order(
      select,
      shuffled.map(({ row }) => images[row]!),
      shuffled.map(({ row }) => labels[row]!),
      300,
    );
    const plain = await order(select, images, labels, 300);
    const gainOf = new Map([...plain.rows].map((row, i) => [row, plain.gains[i]!]));
    permuted.rows.forEach((at, i) =>
      expect(permuted.gains[i]).toBeCloseTo(gainOf.get(shuffled[at]!.row)!, 5),
    );
  });

  it('looks across its blocks of 1,024 rows', async () => {
    const { images } = samplePairs(7, 2300, 5, { repeats: 0.3 });
    const labels = images.map((_, i) => (i % 20 === 0 ? 1 : 0));
    const found = await order(select, images, labels, 2300);
    const cosines = released ? plainCosines(images, labels, true) : treeCosines(images, labels);
    found.rows.forEach((row, i) => expect(found.gains[i]).toBeCloseTo(1 - cosines.get(row)!, 5));
  });

  it('says how far it is, class by class', async () => {
    const images = [turned(0), turned(10), turned(90), turned(95), turned(100)];
    const input = await productInput({ images, texts: images, labels: [0, 0, 1, 2, 2] }, 5);
    const seen: [number, number][] = [];
    await select({ ...input, checkpoint: async (done, total) => void seen.push([done, total]) });
    expect(seen).toEqual([
      [0, 5],
      [2, 5],
      [3, 5],
    ]);
  });

  it('takes classes of any size, empty ones too', async () => {
    const images = [turned(0), turned(10), turned(90)];
    for (const labels of [
      [0, 2, 4],
      [-1, -1, -1],
      [3, 3, 3],
    ]) {
      const count = labels.filter((label) => label >= 0).length;
      expect((await order(select, images, labels, count)).rows).toHaveLength(count);
    }
  });
});

describe('the two rules of SemDeDup', () => {
  // Around a mean near 24°; hardest first is 0°, 46°, 45°, 10°, 20°.
  const images = [turned(0), turned(10), turned(20), turned(45), turned(46)];
  const labels = images.map(() => 0);

  it('hold each pair against any harder one, dropped or not', async () => {
    expect(plainHardFirst(images, [0, 1, 2, 3, 4])).toEqual([0, 4, 3, 1, 2]);
    // The end of the chain is far from its start, but near the dropped middle.
    const { gains, rows } = await order(selectSemdedupReleased, images, labels, 5);
    expect(gains[rows.indexOf(2)]).toBeCloseTo(1 - Math.cos(Math.PI / 18), 5);
  });

  it('keep of each group of the paper exactly its hardest member', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), between(0.02, 1), async (seed, epsilon) => {
        const { images } = samplePairs(seed, 30, 3, { repeats: 0.4 });
        const v = images.map(unit);
        fc.pre(v.every((a, i) => v.slice(0, i).every((b) => Math.abs(dot(a, b) - (1 - epsilon)) > 4e-6)));
        const ordered = plainHardFirst(images, [...images.keys()]);
        // Groups by flooding over pairs above 1 − ε; the first to reach a group is its hardest member.
        const seen = new Set<number>();
        const kept: number[] = [];
        for (const hardest of ordered) {
          if (seen.has(hardest)) continue;
          kept.push(hardest);
          const open = [hardest];
          for (let at = open.pop(); at !== undefined; at = open.pop()) {
            if (seen.has(at)) continue;
            seen.add(at);
            for (const other of ordered) if (dot(v[at]!, v[other]!) > 1 - epsilon) open.push(other);
          }
        }
        const same = images.map(() => 0);
        const found = await order(selectSemdedup, images, same, kept.length);
        expect([...found.rows].sort((a, b) => a - b)).toEqual(kept.sort((a, b) => a - b));
      }),
      { numRuns: 150 },
    );
  });

  it('differ where a group holds two pairs that no harder one is near', async () => {
    // 40° lies in the middle of 0° and 80°, is nearest the centroid, and connects them.
    const chain = [turned(0), turned(80), turned(40)];
    const kept = async (select: typeof selectSemdedup): Promise<number[]> => {
      const { rows, gains } = await order(select, chain, [0, 0, 0], 3);
      // ε = 0.5: 40° is a duplicate of both (cosine 0.77), 0° and 80° are none of each other (0.17).
      return [...rows].filter((_, i) => gains[i]! >= 0.5).sort((a, b) => a - b);
    };
    expect(await kept(selectSemdedup)).toHaveLength(1);
    expect(await kept(selectSemdedupReleased)).toEqual([0, 1]);
  });
});

/** The paper's cosines by dense Prim over a whole class and a walk to the hardest: O(n²), for large classes. */
function treeCosines(images: number[][], labels: number[]): Map<number, number> {
  const v = images.map(unit);
  const found = new Map<number, number>();
  for (const k of new Set(labels)) {
    const ordered = plainHardFirst(
      images,
      [...labels.keys()].filter((row) => labels[row] === k),
    );
    const rank = new Map(ordered.map((row, i) => [row, i]));
    // Grown from the hardest, each pair joins by its best cosine to the tree.
    const best = new Map(ordered.slice(1).map((row) => [row, { cosine: -2, to: -1 }]));
    const edges: { a: number; b: number; cosine: number }[] = [];
    let joined = ordered[0]!;
    while (best.size) {
      let next = -1;
      for (const [row, own] of best) {
        const cosine = dot(v[row]!, v[joined]!);
        if (cosine > own.cosine) best.set(row, { cosine, to: joined });
        if (next < 0 || best.get(row)!.cosine > best.get(next)!.cosine) next = row;
      }
      const { cosine, to } = best.get(next)!;
      edges.push({ a: next, b: to, cosine });
      best.delete(next);
      joined = next;
    }
    const groups = new Map(ordered.map((row) => [row, [row]]));
    ordered.forEach((row) => found.set(row, -1));
    for (const { a, b, cosine } of edges.sort((x, y) => y.cosine - x.cosine)) {
      const [one, other] = [groups.get(a)!, groups.get(b)!].sort(
        (x, y) => rank.get(x[0]!)! - rank.get(y[0]!)!,
      );
      found.set(other![0]!, cosine);
      for (const row of other!) {
        one!.push(row);
        groups.set(row, one!);
      }
    }
  }
  return found;
}
