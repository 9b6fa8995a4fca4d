import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectOnCappedSimplex } from '../../../server/selection/cappedSimplex.js';
import { momentSketch, type MomentSketch } from '../../../server/selection/momentSketch.js';
import { Random } from '../../../server/selection/random.js';
import { selectSkmm } from '../../../server/selection/skmm.js';
import { productInput, type SamplePairs } from './productInput.js';
import { dot, numbers, samplePairs, unit } from './samples.js';

const WIDTH = 64;

function pairsOf(seed: number, rows: number, dim: number): SamplePairs {
  return { ...samplePairs(seed, rows, dim), labels: Array.from({ length: rows }, () => 0) };
}

/** The nearest point of the capped simplex: all moved by one number and cut off, which is found between the places where one is cut. */
function plainProjection(values: number[], cap: number): number[] {
  const cut = (by: number): number[] => values.map((value) => Math.min(cap, Math.max(0, value - by)));
  const sum = (by: number): number => cut(by).reduce((all, x) => all + x, 0);
  const places = values.flatMap((value) => [value, value - cap]).sort((a, b) => a - b);
  const at = places.findIndex((place) => sum(place) <= 1);
  const [low, high] = [places[Math.max(0, at - 1)]!, places[at]!];
  const [above, below] = [sum(low), sum(high)];
  return cut(above === below ? low : low + ((high - low) * (above - 1)) / (above - below));
}

/** Stage (ii) of the method as its docstring has it, on a sketch. */
function plainSkmm(
  { squares, eigenvalues, width }: MomentSketch,
  count: number,
  n: number,
  seed: number,
): { rows: number[]; gains: number[] } {
  const all = Array.from({ length: count }, (_, e) => e);
  const drawn = [...new Random(seed).sample(Int32Array.from(all), count)];
  const place = new Map(drawn.map((e, i) => [e, i]));
  const short = (moment: (j: number) => number): number[] =>
    Array.from({ length: width }, (_, j) => Math.min(0, moment(j) - eigenvalues[j]! / 0.999));
  const square = (e: number, j: number): number => squares[e * width + j]!;
  let s = all.map((e) => (place.get(e)! < n ? 1 / n : 0));
  let best = { misfit: Infinity, rows: [] as number[], gains: [] as number[] };
  for (let t = 1; t <= 101; t++) {
    const rows = all.toSorted((a, b) => s[b]! - s[a]! || place.get(a)! - place.get(b)!).slice(0, n);
    const misfit = short((j) => rows.reduce((sum, e) => sum + square(e, j), 0) / n).reduce(
      (sum, x) => sum + x * x,
      0,
    );
    if (misfit < best.misfit) best = { misfit, rows, gains: rows.map((e) => n * s[e]!) };
    const left = short((j) => all.reduce((sum, e) => sum + s[e]! * square(e, j), 0));
    const rise = all.map((e) => -left.reduce((sum, x, j) => sum + x * square(e, j), 0));
    const steepest = Math.max(...rise);
    if (misfit === 0 || steepest <= 0) break;
    s = plainProjection(
      s.map((value, e) => value + rise[e]! / steepest / n / Math.sqrt(t)),
      1 / n,
    );
  }
  return best;
}

describe('the projection on the capped simplex', () => {
  it('lies in it, and no small move along it comes nearer', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 12 }), (seed, size) => {
        const next = numbers(seed);
        const start = Array.from({ length: size }, next);
        const cap = 1 / Math.max(1, Math.floor(size / 2));
        const found = Float64Array.from(start);
        projectOnCappedSimplex(found, cap);
        expect(found.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 9);
        const distance = (s: ArrayLike<number>): number =>
          start.reduce((sum, x, i) => sum + (x - s[i]!) ** 2, 0);
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++) {
            const moved = found.slice();
            const step = Math.min(1e-3, found[j]!, cap - found[i]!);
            moved[i]! += step;
            moved[j]! -= step;
            expect(distance(moved)).toBeGreaterThanOrEqual(distance(found) - 1e-9);
          }
      }),
    );
  });
});

describe('skmm', () => {
  it('sketches [v; l]: inner products stay, and the axes hold the second moments', async () => {
    // More than a block.
    const pairs = pairsOf(3, 1_100, 5);
    const input = await productInput(pairs, 30);
    const rows = Int32Array.from(pairs.labels, (_, row) => row);
    // A wide sketch keeps lengths: ‖[v; l]‖² = 2.
    const { squares, eigenvalues, width } = await momentSketch(input, rows, 512);
    const lengths = Array.from(rows, (_, e) =>
      squares.subarray(e * width, (e + 1) * width).reduce((a, b) => a + b),
    );
    expect(lengths.reduce((a, b) => a + b) / lengths.length).toBeGreaterThan(1.5);
    expect(lengths.reduce((a, b) => a + b) / lengths.length).toBeLessThan(2.5);
    for (let j = 0; j < width; j += 37) {
      let mean = 0;
      for (let e = 0; e < rows.length; e++) mean += squares[e * width + j]! / rows.length;
      expect(mean).toBeCloseTo(eigenvalues[j]!, 5);
    }
    // v and l have 5 numbers each: their sketch has no more than 10 axes.
    expect([...eigenvalues].filter((value) => value > 1e-6)).toHaveLength(10);
  });

  it('takes of all steps the one whose heaviest pairs match best, as its definition says', async () => {
    for (const [seed, count, n] of [
      [1, 30, 6],
      [2, 45, 20],
      [3, 24, 24],
      [4, 60, 1],
      // Best of all is what the last step comes to.
      [390, 12, 6],
    ] as const) {
      const input = { ...(await productInput(pairsOf(seed, count, 4), n)), seed };
      const rows = Int32Array.from({ length: count }, (_, row) => row);
      const expected = plainSkmm(await momentSketch(input, rows, WIDTH), count, n, seed);
      const order = await selectSkmm(input);
      expect([...order.rows], String(seed)).toEqual(expected.rows);
      order.gains.forEach((gain, i) => expect(gain).toBeCloseTo(expected.gains[i]!, 6));
    }
  });

  it('gives nothing of nothing, and refuses more than it can hold', async () => {
    const input = await productInput(pairsOf(1, 10, 4), 3);
    const none = await selectSkmm({ ...input, budget: 0 });
    expect([none.rows.length, none.gains.length]).toEqual([0, 0]);
    await expect(selectSkmm({ ...input, labels: new Int32Array(4_200_000) })).rejects.toMatchObject({
      code: 'sketch-too-large',
      message: 'skmm holds 256 bytes a pair, at most 1024 MiB; there are 4200000 pairs.',
      fix: expect.stringMatching(/clip-score:30% \| skmm/) as string,
    });
  });

  it('matches moments better than the draw it starts from, by the definition', async () => {
    for (const seed of [1, 2, 3]) {
      const pairs = pairsOf(seed, 400, 12);
      // A few pairs alone hold a direction: a draw of 40 misses most of it.
      for (let row = 0; row < 8; row++) {
        pairs.images[row * 50] = Array.from({ length: 12 }, (_, j) => (j === 11 ? 1 : 0.01 * (j - 5)));
        for (let other = row * 50 + 1; other < (row + 1) * 50; other++) pairs.images[other]![11] = 0;
      }
      const input = { ...(await productInput(pairs, 40)), seed };
      const order = await selectSkmm(input);
      expect(new Set(order.rows).size).toBe(40);
      const rows = Int32Array.from(pairs.labels, (_, row) => row);
      const { squares, eigenvalues } = await momentSketch(input, rows, WIDTH);
      const misfit = (picks: number[]): number =>
        [...eigenvalues].reduce((sum, value, j) => {
          const moment = picks.reduce((all, e) => all + squares[e * WIDTH + j]!, 0) / picks.length;
          return sum + Math.min(0, moment - value / 0.999) ** 2;
        }, 0);
      const next = numbers(seed);
      const draws = Array.from({ length: 200 }, () =>
        misfit(
          [...rows]
            .map((row) => ({ row, key: next() }))
            .sort((a, b) => a.key - b.key)
            .slice(0, 40)
            .map(({ row }) => row),
        ),
      );
      // Better than the best of two hundred draws.
      expect(misfit([...order.rows])).toBeLessThan(Math.min(...draws));
      const inDirection = (picks: ArrayLike<number>): number =>
        Array.from(picks).reduce<number>(
          (sum, row) => sum + dot(unit(pairs.images[row]!), unit(pairs.images[0]!)) ** 2,
          0,
        );
      expect(inDirection(order.rows) / 40).toBeGreaterThan((0.9 * inDirection(rows)) / 400);
    }
  });

  it('depends on the seed, ranks all when asked to, and says when there are too many pairs', async () => {
    const pairs = pairsOf(9, 60, 6);
    const input = await productInput(pairs, 60);
    const first = await selectSkmm({ ...input, subsetSize: 10 });
    expect(first.rows).toHaveLength(60);
    const small = await selectSkmm({ ...input, budget: 10 });
    expect([...first.rows].slice(0, 10)).toEqual([...small.rows]);
    const other = await selectSkmm({ ...input, budget: 10, seed: 5 });
    expect([...other.rows].sort()).not.toEqual([...small.rows].sort());
    const many = new Int32Array(2 ** 22 + 1);
    await expect(selectSkmm({ ...input, labels: many })).rejects.toMatchObject({ code: 'sketch-too-large' });
  });
});
