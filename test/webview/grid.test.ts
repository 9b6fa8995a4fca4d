import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LruCache } from '../../webview/grid/lru.js';
import { ScrollMap, TALLEST } from '../../webview/grid/scrollMap.js';

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
