import { expect, it } from 'vitest';
import { Cancelled } from '../../../server/errors.js';
import { fuzzyGraph } from '../../../server/projection/fuzzyGraph.js';
import { NearestRows } from '../../../server/projection/nearest.js';
import { umapMap, type UmapTools } from '../../../server/projection/umap.js';
import type { EmbeddingTable } from '../../../server/rows/pairBlock.js';
import { productsOf } from '../engine/testProducts.js';
import { numbers } from '../selection/samples.js';

const DIM = 16;
const GROUPS = 5;

/** Groups of pairs around directions of their own; a row's group is its number modulo `GROUPS`. */
function grouped(rows: number): EmbeddingTable {
  const next = numbers(4);
  const images = Float32Array.from({ length: rows * DIM }, (_, p) => {
    const [row, j] = [Math.floor(p / DIM), p % DIM];
    return (j === row % GROUPS ? 3 : 0) + 0.5 * next();
  });
  const scale = Float64Array.from({ length: rows }, (_, i) => {
    const row = images.subarray(i * DIM, (i + 1) * DIM);
    return 1 / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
  });
  return { rows, dim: DIM, images, texts: images, imageScale: scale, textScale: scale.slice() };
}

const tools: UmapTools = { products: async (dim) => productsOf(dim), progress: async () => undefined };

it('keeps groups together and apart from each other, to the same bits for the same seed', async () => {
  const table = grouped(250);
  table.imageScale[17] = 0;
  const { positions, fitted } = await umapMap(table, 1, tools);
  expect(fitted).toBe(249);
  expect([positions[34], positions[35]]).toEqual([NaN, NaN]);
  const nearest = (row: number): number => {
    let [best, found] = [Infinity, -1];
    for (let other = 0; other < table.rows; other++) {
      if (other === row) continue;
      const square =
        (positions[2 * row]! - positions[2 * other]!) ** 2 +
        (positions[2 * row + 1]! - positions[2 * other + 1]!) ** 2;
      if (square < best) [best, found] = [square, other];
    }
    return found;
  };
  const rows = [...table.imageScale.keys()].filter((row) => row !== 17);
  const together = rows.filter((row) => nearest(row) % GROUPS === row % GROUPS).length;
  expect(together / rows.length).toBeGreaterThan(0.97);
  expect((await umapMap(table, 1, tools)).positions).toEqual(positions);
});

it('says how far it is in every step, and stops where it is told to', async () => {
  const table = grouped(60);
  const seen = new Set<string>();
  await umapMap(table, 0, { ...tools, progress: async (step) => void seen.add(step) });
  expect([...seen]).toEqual(['directions', 'reduce', 'neighbours', 'layout', 'place']);
  for (const at of seen) {
    const stopped = umapMap(table, 0, {
      ...tools,
      progress: async (step) => {
        if (step === at) throw new Cancelled();
      },
    });
    await expect(stopped, at).rejects.toBeInstanceOf(Cancelled);
  }
});

it('makes a map of a handful of pairs too', async () => {
  for (const rows of [1, 2, 3, 5]) {
    const { positions } = await umapMap(grouped(rows), 0, tools);
    expect([...positions].every(Number.isFinite), String(rows)).toBe(true);
  }
});

it('finds the nearest rows in order, the smaller number first where two are equally far', async () => {
  const next = numbers(2);
  const references = Float32Array.from({ length: 50 * DIM }, next);
  references.copyWithin(30 * DIM, 3 * DIM, 4 * DIM);
  const rows = Float32Array.from({ length: 9 * DIM }, next);
  rows.set(references.subarray(3 * DIM, 4 * DIM));
  const { indices, distances } = await new NearestRows(references, DIM, productsOf(DIM)).find(rows, 4);
  const distance = (i: number, j: number): number =>
    Math.sqrt(
      Array.from({ length: DIM }, (_, p) => (rows[i * DIM + p]! - references[j * DIM + p]!) ** 2).reduce(
        (a, b) => a + b,
      ),
    );
  for (let i = 0; i < 9; i++) {
    const order = Array.from({ length: 50 }, (_, j) => j).sort((a, b) => distance(i, a) - distance(i, b));
    expect([...indices.subarray(4 * i, 4 * i + 4)]).toEqual(order.slice(0, 4));
    for (let p = 0; p < 4; p++) expect(distances[4 * i + p]).toBeCloseTo(distance(i, order[p]!), 2);
  }
  expect([...indices.subarray(0, 2)]).toEqual([3, 30]);
});

it('ties each point to its nearest with all strength, and united ties are the same from both ends', () => {
  const k = 3;
  const indices = Int32Array.from([0, 1, 2, 1, 0, 2, 2, 1, 3, 3, 2, 1]);
  const distances = Float64Array.from([0, 1, 2, 0, 1, 1.5, 0, 1.5, 4, 0, 4, 5]);
  const { heads, tails, weights } = fuzzyGraph({ indices, distances }, k);
  const tie = new Map([...weights].map((weight, e) => [`${heads[e]} ${tails[e]}`, weight]));
  expect(tie.get('0 1')).toBe(1);
  for (const [name, weight] of tie) {
    expect(weight).toBeGreaterThan(0);
    expect(weight).toBeLessThanOrEqual(1);
    expect(tie.get(name.split(' ').reverse().join(' '))).toBe(weight);
  }
  expect(tie.size).toBe(weights.length);
});
