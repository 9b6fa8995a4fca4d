import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FIRST_VIEW, PAGE } from '../../server/protocol/firstLook.js';
import type { PairRow } from '../../server/protocol/pairs.js';
import { PairSource, thumbnailCache } from '../../webview/pairs/pairSource.js';

const TOTAL = 100_000;
const SIGHT = 24;

/** Answers at once, and notes what it was asked. */
async function opened(): Promise<{ source: PairSource; pages: number[]; pictures: number[]; ids: number[] }> {
  const [pages, pictures, ids]: [number[], number[], number[]] = [[], [], []];
  const source: PairSource = new PairSource(
    {
      rows: (offset, limit) => {
        pages.push(offset / PAGE);
        const rows = Array.from({ length: limit }, (_, i) => ({ id: offset + i }) as PairRow);
        return Promise.resolve({ rows, total: TOTAL });
      },
      thumbnails: (asked) => {
        pictures.push(asked.length);
        ids.push(...asked);
        return Promise.resolve(asked.map((id) => ({ id, uri: `picture ${id}` })));
      },
      pairs: () => Promise.reject(new Error('not asked')),
      classes: () => Promise.reject(new Error('not asked')),
      explain: () => Promise.reject(new Error('not asked')),
    },
    FIRST_VIEW,
    false,
    thumbnailCache(),
    () => source.want(sight),
  );
  await source.open();
  return { source, pages, pictures, ids };
}

let sight: number[] = [];
function look(source: PairSource, first: number): void {
  sight = Array.from({ length: SIGHT }, (_, i) => first + i);
  source.want(sight);
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('PairSource', () => {
  it('fetches the first pictures at once, and each only once', async () => {
    const { source, pages, ids } = await opened();
    look(source, 0);
    expect(ids).toEqual(sight);
    await vi.advanceTimersByTimeAsync(1000);
    look(source, 0);
    expect(pages).toEqual([0]);
    expect(ids).toEqual(sight);
    expect(source.thumbnail(3)).toEqual({ id: 3, uri: 'picture 3' });
  });

  it('fetches nothing that passes, and what a fling ends at', async () => {
    const { source, pages, ids } = await opened();
    look(source, 0);
    ids.length = 0;
    for (let first = 0; first < 30_000; first += 600) {
      look(source, first);
      await vi.advanceTimersByTimeAsync(16);
    }
    expect(pages).toEqual([0]);
    await vi.advanceTimersByTimeAsync(300);
    expect(pages).toEqual([0, sight[0]! / PAGE]);
    expect(ids).toEqual(sight);
  });

  it('fetches while somebody scrolls at leisure, several rows at a time', async () => {
    const { source, pictures, ids } = await opened();
    look(source, 0);
    // A pair is in view for 384 ms.
    for (let first = 0; first < 600; first++) {
      look(source, first);
      await vi.advanceTimersByTimeAsync(16);
      if (first > SIGHT) expect(source.thumbnail(first + 8)).toBeDefined();
    }
    expect(ids).toEqual([...new Set(ids)]);
    expect(pictures.length).toBeLessThan(ids.length);
  });
});
