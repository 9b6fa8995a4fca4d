import { beforeEach, expect, it, vi } from 'vitest';
import type { PairRow } from '../../server/protocol/pairs.js';
import { pointCaption } from '../../webview/map/pointCard.js';
import { PointLook } from '../../webview/map/pointLook.js';

const pair = (id: number, caption: string | null): PairRow => ({
  ...{ id, caption, rank: 0, gain: 1, latentClass: 'a', clipScore: 0.3, terms: null, left: null },
  image: null,
});
let asked: number[];
let changes: number;
let look: PointLook;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  changes = 0;
  const queries = {
    pairAt: async (row: number): Promise<PairRow | null> => {
      asked.push(row);
      if (row === 4) throw new Error('The pairs cannot be read.');
      return row === 5 ? null : pair(100 + row, `caption ${row}`);
    },
    thumbnails: async ([id]: number[]) => [{ id: id!, uri: `data:${id}` }],
  };
  look = new PointLook(queries, () => changes++);
  return () => void vi.useRealTimers();
});

it('asks for the pair that the pointer rests on, once, and for none that it passes', async () => {
  for (const row of [1, 2, -1, 3]) look.rest(row);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([3]);
  expect(look.at(3)).toEqual({ pair: pair(103, 'caption 3'), picture: { id: 103, uri: 'data:103' } });
  // Once with its caption, once with its picture.
  expect(changes).toBe(2);
  look.rest(3);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await look.find(3)).toEqual(pair(103, 'caption 3'));
  expect(asked).toEqual([3]);
});

it('knows what is not at hand, and asks again for what failed', async () => {
  expect(await look.find(5)).toBeNull();
  expect(look.at(5)).toEqual({ pair: null, picture: null });
  look.rest(4);
  await vi.advanceTimersByTimeAsync(1000);
  expect(look.at(4)).toBeUndefined();
  await expect(look.find(4)).rejects.toThrow('cannot be read');
  expect(asked).toEqual([5, 4, 4]);
});

it('says of a caption as much as fits, as text that obeys nothing', () => {
  expect(pointCaption(undefined)).toBeNull();
  expect(pointCaption({ pair: null, picture: null })).toMatch(/^Read all pairs/);
  expect(pointCaption({ pair: pair(1, null), picture: null })).toBe('No caption');
  const hostile = pointCaption({ pair: pair(1, `\u202e<b>\u0007${'x'.repeat(9000)}`), picture: null })!;
  expect(hostile).toMatch(/^\ufffd<b>\u2407x+…$/);
  expect(hostile.length).toBeLessThan(320);
});
