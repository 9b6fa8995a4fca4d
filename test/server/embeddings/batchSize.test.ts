import { describe, expect, it } from 'vitest';
import { BatchSize } from '../../../server/embeddings/batchSize.js';

/** Runs full batches that take what `ms` says until a size is settled; the sizes that were run, in order. */
function probe(
  ms: (rows: number, run: number) => number,
  bounds: { least?: number; largest?: number } = {},
): { sizes: number[]; settled: number | null } {
  const batch = new BatchSize(null, bounds);
  const sizes: number[] = [];
  while (batch.settled === null && sizes.length < 1000) {
    const rows = batch.size;
    sizes.push(rows);
    batch.took(rows, rows, ms(rows, sizes.filter((size) => size === rows).length));
  }
  return { sizes, settled: batch.settled };
}

describe('BatchSize', () => {
  it('tries the sizes and takes the fastest', () => {
    // A start of 10 ms and 1 ms a row; rows beyond 16 no longer fit into the cache.
    const { sizes, settled } = probe((rows) => 10 + rows + Math.max(0, rows - 16) * 2);
    expect(settled).toBe(16);
    expect([...new Set(sizes)]).toEqual([2, 4, 8, 16, 32, 64]);
  });

  it('takes the smaller of two that are as good', () => {
    expect(probe((rows) => rows).settled).toBe(2);
    expect(probe((rows) => rows * (rows < 8 ? 2 : rows === 64 ? 0.99 : 1)).settled).toBe(8);
  });

  it('tries no size that the device does not take well, but the least', () => {
    expect(probe(() => 1, { largest: 20 })).toMatchObject({ settled: 16 });
    expect(probe(() => 1, { largest: 1 })).toMatchObject({ settled: 2 });
    expect(new Set(probe(() => 1, { least: 12 }).sizes)).toEqual(new Set([16, 32, 64]));
    expect(new Set(probe(() => 1, { least: 96 }).sizes)).toEqual(new Set([96]));
  });

  it('does not count the first run of a size', () => {
    expect(probe((rows, run) => (run === 1 ? 400 : rows < 32 ? rows * 2 : rows)).settled).toBe(32);
  });

  it('does not run a batch that would keep whoever cancels waiting', () => {
    const { sizes, settled } = probe((rows) => 50 * rows ** 0.9);
    expect(Math.max(...sizes)).toBe(4);
    expect(settled).toBe(4);
    expect(probe((rows) => 3000 * rows).settled).toBe(2);
  });

  it('ends when trying has cost two seconds', () => {
    const { sizes } = probe((rows, run) => (run === 1 ? 1500 : rows ** 0.5));
    expect(sizes.filter((size) => size > 4)).toEqual([]);
  });

  it('learns nothing from a batch that is not full, and weighs batches by their work', () => {
    const batch = new BatchSize();
    for (let i = 0; i < 50; i++) batch.took(1, 1, 0.001);
    expect([batch.size, batch.settled]).toEqual([2, null]);
    // As fast by rows at every size; by tokens four captions at once are best.
    while (batch.settled === null)
      batch.took(batch.size, batch.size * (batch.size === 4 ? 20 : 10), batch.size);
    expect(batch.settled).toBe(4);
  });

  it('keeps a size that is given', () => {
    const batch = new BatchSize(7);
    for (let i = 0; i < 50; i++) batch.took(7, 7, 1000);
    expect([batch.size, batch.settled]).toEqual([7, 7]);
  });
});
