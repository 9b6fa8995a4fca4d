import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';

declare global {
  interface Window {
    answerMap(message: FromPanel): ToPanel | null;
  }
}

/** Runs in the page: maps of so many pairs in a dozen heaps, a tenth of them picked; the host's part of a map. */
export function playMap(rows: number): void {
  const CLASSES = 12;
  const PAGE = 32_768;
  let state = 7;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const normal = (): number => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
  let made: Record<string, Float32Array> | null = null;
  const make = (): Record<string, Float32Array> => {
    const points = new Float32Array(2 * rows);
    const pairs = new Float32Array(2 * rows);
    const ranks = new Float32Array(rows).fill(-1);
    const other = new Float32Array(rows).fill(-1);
    let [rank, otherRank] = [0, 0];
    for (let row = 0; row < rows; row++) {
      // Classes of very different sizes, and pairs without a place or a class.
      const own = Math.floor(CLASSES * next() ** 2);
      const angle = (2 * Math.PI * own) / CLASSES;
      const size = 0.04 + 0.02 * (own % 3);
      points[2 * row] = row % 997 === 5 ? NaN : 0.6 * Math.cos(angle) + size * normal();
      points[2 * row + 1] = row % 997 === 5 ? NaN : 0.4 * Math.sin(angle) + size * normal();
      const candidate = row % 101 !== 3;
      pairs[2 * row] = candidate ? own : -1;
      pairs[2 * row + 1] = candidate ? 0.28 + 0.05 * normal() : NaN;
      if (candidate && next() < 0.1) ranks[row] = rank++;
      if (candidate && next() < 0.1) other[row] = otherRank++;
    }
    return { points, pairs, ranks, other };
  };
  const base64 = (values: Float32Array): string => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  window.answerMap = (message) => {
    if (message.type === 'map') {
      const { request, by } = message;
      const classes = Array.from({ length: CLASSES }, (_, k) => (k === 1 ? '<b>hostile</b>' : `class ${k}`));
      const others = [{ name: 'clip-score-10pct', method: 'clip-score' }];
      const facts =
        by === 'pca' ? { explained: [0.21, 0.12], fitted: null } : { explained: null, fitted: 10_000 };
      return { type: 'map', request, map: { by, rows, classes, others, ...facts } };
    }
    if (message.type === 'distributions') {
      const bins = Array.from({ length: 40 }, (_, i) => Math.round(400 * Math.exp(-(((i - 22) / 8) ** 2))));
      const classes = ['arrow', '<img src=x onerror=alert(1)>', 'weather', null].map((name, i) => ({
        ...{ name, all: 4000 - 900 * i, picked: 300 - 40 * i },
      }));
      const picked = bins.map((n, i) => Math.round((n * i) / 200));
      const curve = Array.from({ length: 60 }, (_, i) => ({
        ...{ picks: i + 1, gain: 40 * (1 - Math.exp(-i / 20)), classes: Math.min(48, i + 1), clipScore: 0.3 },
        ...{ lowest: 0.34 - i / 300, scores: picked.map((n, bin) => (bin > 24 - i / 4 ? n : 0)) },
      }));
      const parts = [[0], [1], [0, 1]].map((of, i) => ({ of, pairs: 50 - 20 * i }));
      const overlap = { names: ['clipcov-10pct', 'clip-score-10pct'], parts };
      const scores = { from: 0.1, to: 0.5, all: bins, picked };
      return {
        type: 'distributions',
        request: message.request,
        distributions: { scores, classes, curve, overlap },
      };
    }
    if (message.type !== 'mapColumns') return null;
    const { request, columns, offset } = message;
    made ??= make();
    const page = columns.map((name) => {
      const values = made![typeof name === 'number' ? 'other' : name]!;
      const width = name === 'points' || name === 'pairs' ? 2 : 1;
      return base64(values.slice(offset * width, (offset + PAGE) * width));
    });
    return { type: 'mapColumns', request, columns: page };
  };
}
