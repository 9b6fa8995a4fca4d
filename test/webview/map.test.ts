import { expect, it } from 'vitest';
import { colouring, CLASSES, FIRST_CLASS, MUTED, pairText } from '../../webview/map/colouring.js';
import { pressKey } from '../../webview/map/cursor.js';
import { drawOrder, magnified, sampled } from '../../webview/map/drawOrder.js';
import { boundsOf, loadMap, type MapData, type MapQueries } from '../../webview/map/mapData.js';
import { PointIndex } from '../../webview/map/pointIndex.js';
import { parseColour } from '../../webview/map/themeColours.js';
import { Viewport } from '../../webview/map/viewport.js';
import { countWithin } from '../../webview/map/within.js';
import { numbers } from '../server/selection/samples.js';

const ROWS = 900;

/** Pairs of nine classes, a third of them picked, one without a place and one that is no candidate. */
function sample(): MapData {
  const next = numbers(6);
  const points = Float32Array.from({ length: 2 * ROWS }, next);
  points.fill(NaN, 10, 12);
  const classes = Int32Array.from({ length: ROWS }, (_, row) =>
    row === 7 ? -1 : Math.floor(Math.sqrt(row) / 3.4),
  );
  const scores = Float32Array.from({ length: ROWS }, (_, row) => (row === 7 ? NaN : row / ROWS));
  const ranks = Float32Array.from({ length: ROWS }, (_, row) => (row % 3 === 0 ? row / 3 : -1));
  const names = Array.from({ length: 9 }, (_, k) => `class ${k}`);
  const others = [{ name: 'other', method: 'random' }];
  const view = {
    by: 'pca' as const,
    rows: ROWS,
    classes: names,
    others,
    explained: [0.5, 0.2],
    fitted: null,
  };
  return { view, points, classes, scores, ranks, bounds: boundsOf(points) };
}

it('keeps the place under the pointer when it zooms, and shows all when it fits', () => {
  const view = new Viewport();
  view.resize(800, 400);
  view.fit({ left: -3, right: 1, bottom: 0, top: 8 });
  for (const [x, y] of [
    [-3, 0],
    [1, 8],
  ] as const) {
    const [px, py] = view.toWindow(x, y);
    expect(px).toBeGreaterThanOrEqual(0);
    expect(px).toBeLessThanOrEqual(800);
    expect(py).toBeGreaterThanOrEqual(0);
    expect(py).toBeLessThanOrEqual(400);
  }
  const under = view.toMap(130, 77);
  view.zoomAt(130, 77, 3.7);
  expect(view.toMap(130, 77)[0]).toBeCloseTo(under[0], 9);
  expect(view.toMap(130, 77)[1]).toBeCloseTo(under[1], 9);
  const [x, y] = view.toMap(0, 0);
  view.panBy(5, -8);
  expect(view.toWindow(x, y).map((p) => Math.round(p))).toEqual([5, -8]);
  for (let i = 0; i < 100; i++) view.zoomAt(1, 1, 10);
  expect(Number.isFinite(view.scale)).toBe(true);
});

it('moves the cursor by arrows, and the map where the cursor would leave it', () => {
  const view = new Viewport();
  view.resize(300, 200);
  const cursor = { px: 150, py: 100 };
  const press = (key: string, held: object = {}): unknown =>
    pressKey({ key, shiftKey: false, altKey: false, ...held }, view, cursor);
  expect(press('ArrowRight')).toBe('cursor');
  expect(press('ArrowUp', { altKey: true })).toBe('cursor');
  expect(cursor).toEqual({ px: 174, py: 96 });
  const before = view.x;
  for (let i = 0; i < 6; i++) press('ArrowRight');
  expect(cursor.px).toBeLessThan(300);
  expect(view.x).toBeGreaterThan(before);
  expect(press('ArrowDown', { shiftKey: true })).toBe('view');
  expect(press('+')).toBe('view');
  expect(press('x')).toBeNull();
});

it('draws each pair that has a place once, picks last, and a fair part of both while it moves', () => {
  const { points, ranks } = sample();
  const order = drawOrder(points, ranks);
  expect([...order.rows].sort((a, b) => a - b)).toEqual([...ranks.keys()].filter((row) => row !== 5));
  order.rows.forEach((row, i) => expect(ranks[row]! >= 0).toBe(i >= order.dropped));
  const { dropped, picked } = sampled(order, 300);
  expect(dropped.count + picked.count).toBeLessThanOrEqual(300);
  expect(picked.first).toBe(order.dropped);
  expect(picked.count / dropped.count).toBeCloseTo(0.5, 1);
  expect(sampled(order, 10_000).dropped.count).toBe(order.dropped);
});

it('finds the nearest pair that is wanted, as a look at all of them does', () => {
  const { points, bounds } = sample();
  const index = new PointIndex(points, bounds);
  const next = numbers(9);
  for (let i = 0; i < 200; i++) {
    const [x, y, radius] = [1.2 * next(), 1.2 * next(), 0.1];
    const wanted = (row: number): boolean => row % 4 !== i % 4;
    let [best, found] = [radius ** 2, -1];
    for (let row = 0; row < ROWS; row++) {
      const square = (points[2 * row]! - x) ** 2 + (points[2 * row + 1]! - y) ** 2;
      if (wanted(row) && square <= best) [best, found] = [square, row];
    }
    expect(index.nearest(x, y, radius, wanted)).toBe(found);
  }
});

it.each(['picked', 'class', 'score', 'rank', 'other-0'] as const)(
  'counts every drawn pair once, by %s',
  (by) => {
    const data = sample();
    const { entries, legend } = colouring(data, by, data.ranks);
    expect(legend.reduce((sum, { count }) => sum + count, 0)).toBe(ROWS - 1);
    for (const place of entries) expect(place).toBeLessThan(legend.length);
  },
);

it('gives the largest classes colours of their own', () => {
  const data = sample();
  const { entries, legend } = colouring(data, 'class', null);
  expect(legend.map(({ colour }) => colour)).toEqual([
    MUTED,
    ...Array.from({ length: CLASSES }, (_, i) => FIRST_CLASS + i),
  ]);
  const counts = legend.slice(1).map(({ count }) => count);
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  expect(legend[entries[899]!]!.label).toBe('class 8');
  expect(legend[entries[7]!]!.label).toBe('Other classes');
});

it('says of a pair what is known of it', () => {
  const data = sample();
  expect(pairText(data, 9)).toBe('Pick 4 · class 0 · CLIP 0.010');
  expect(pairText(data, 7)).toBe('Not picked · No candidate');
});

it('counts what lies in a lasso', () => {
  const data = sample();
  expect(countWithin(data, [-2, -2, 2, -2, 2, 2, -2, 2])).toEqual({ all: ROWS - 1, picked: ROWS / 3 });
  expect(countWithin(data, [3, 3, 4, 3, 4, 4])).toEqual({ all: 0, picked: 0 });
});

it('puts pages where they belong, in whatever order they come', async () => {
  const { view, points, classes, scores, ranks } = sample();
  const pairs = Float32Array.from({ length: 2 * ROWS }, (_, p) => (p % 2 ? scores : classes)[p >> 1]!);
  const page = (values: Float32Array, width: number, offset: number): string =>
    Buffer.from(values.slice(offset * width, (offset + 100) * width).buffer).toString('base64');
  const queries: MapQueries = {
    map: async () => view,
    cancelMap: () => undefined,
    mapColumns: async (_by, _columns, offset) => {
      await new Promise((resolve) => setTimeout(resolve, (offset * 7) % 5));
      return [page(points, 2, offset), page(pairs, 2, offset), page(ranks, 1, offset)];
    },
  };
  const data = await loadMap(queries, 'pca');
  expect(data).toMatchObject({ points, classes, scores, ranks });
});

it.each([
  ['#0f8', [0, 1, 136 / 255]],
  ['#ff800080', [1, 128 / 255, 0]],
  ['rgba(255, 0, 51, 0.4)', [1, 0, 0.2]],
  ['rgb(0 255 0)', [0, 1, 0]],
  ['transparent', null],
  ['', null],
])('reads the colour %s', (text, expected) => {
  expect(parseColour(text)).toEqual(expected);
});

it('draws few points larger than many, within bounds', () => {
  expect([1, 300, 100_000, 12_000_000].map(magnified)).toEqual([2.5, expect.closeTo(2.39, 1), 1, 1]);
});
