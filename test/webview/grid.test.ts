import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LruCache } from '../../webview/grid/lru.js';
import { moveBy } from '../../webview/grid/move.js';
import { rowsInView, ScrollMap, TALLEST } from '../../webview/grid/scrollMap.js';

describe('ScrollMap', () => {
  it('reaches both ends of a content taller than any element, and comes back to where it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400_000_000 }),
        fc.integer({ min: 1, max: 4000 }),
        (content, viewport) => {
          const map = new ScrollMap(content, viewport);
          expect(map.spacer).toBeLessThanOrEqual(TALLEST);
          expect(map.toOffset(0)).toBe(0);
          expect(map.toOffset(Math.max(0, map.spacer - viewport))).toBeCloseTo(map.end, 3);
          const offset = map.end * 0.37;
          expect(map.toOffset(map.toScroll(offset))).toBeCloseTo(offset, 3);
        },
      ),
    );
  });

  it('moves no further than is needed to show a row', () => {
    const map = new ScrollMap(10_000, 500);
    expect(map.reveal(1000, 1100, 100)).toBe(1000);
    expect(map.reveal(1000, 900, 100)).toBe(900);
    expect(map.reveal(1000, 1450, 100)).toBe(1050);
  });

  it('names the rows in view, both ends included', () => {
    expect(rowsInView(0, 100, 50, 10)).toEqual({ first: 0, last: 1 });
    expect(rowsInView(25, 100, 50, 10)).toEqual({ first: 0, last: 2 });
    expect(rowsInView(450, 100, 50, 10)).toEqual({ first: 9, last: 9 });
  });
});

describe('moveBy', () => {
  const shape = { cells: 11, columns: 4, page: 2 };
  it.each([
    ['ArrowRight', false, 10, 10],
    ['ArrowLeft', false, 0, 0],
    ['ArrowDown', false, 1, 5],
    ['ArrowDown', false, 7, 10],
    ['ArrowUp', false, 9, 5],
    ['Home', false, 6, 4],
    ['End', false, 9, 10],
    ['Home', true, 9, 0],
    ['End', true, 0, 10],
    ['PageDown', false, 0, 8],
    ['PageUp', false, 10, 2],
  ])('%s (ctrl %s) from %i leads to %i', (key, ctrl, from, to) => {
    expect(moveBy(key, ctrl, from, shape)).toBe(to);
  });

  it('leaves other keys to the page', () => {
    expect(moveBy('a', false, 3, shape)).toBeNull();
  });
});

describe('LruCache', () => {
  it('forgets what was not used for longest', () => {
    const cache = new LruCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    expect(cache.get('a')).toBe(1);
    cache.set('c', 3);
    expect([cache.has('a'), cache.has('b'), cache.has('c')]).toEqual([true, false, true]);
  });
});
