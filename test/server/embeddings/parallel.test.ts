import { describe, expect, it } from 'vitest';
import { atMost, mapAhead } from '../../../server/embeddings/parallel.js';

const tick = (ms = 1): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('mapAhead', () => {
  it('keeps the order, and works ahead of the caller across what an asynchronous source waits for', async () => {
    async function* numbers(): AsyncGenerator<number> {
      for (let i = 0; i < 20; i++) {
        if (i % 7 === 0) await tick();
        yield i;
      }
    }
    let begun = 0;
    const found: number[] = [];
    for await (const value of mapAhead(numbers(), 5, async (i) => {
      begun++;
      await tick(i % 3);
      return i;
    })) {
      expect(begun - found.length).toBeLessThanOrEqual(5);
      if (value === 0) expect(begun).toBe(5);
      found.push(value);
    }
    expect(found).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('waits for what is under way when the caller stops', async () => {
    let running = 0;
    for await (const value of mapAhead([0, 1, 2, 3, 4], 4, async (i) => {
      running++;
      await tick(5 * i);
      running--;
      return i;
    }))
      if (value === 0) break;
    expect(running).toBe(0);
  });
});

describe('atMost', () => {
  it('runs as many as it may and no more, in order, whatever fails', async () => {
    const limited = atMost(3);
    let running = 0;
    let most = 0;
    const begun: number[] = [];
    const works = Array.from({ length: 12 }, (_, i) =>
      limited(async () => {
        begun.push(i);
        most = Math.max(most, ++running);
        await tick(i % 4);
        running--;
        if (i % 5 === 0) throw new Error(`${i}`);
        return i;
      }),
    );
    const settled = await Promise.allSettled(works);
    expect(most).toBe(3);
    expect(begun).toEqual([...begun].sort((a, b) => a - b));
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual(
      Array.from({ length: 12 }, (_, i) => (i % 5 === 0 ? `${i}` : i)),
    );
    expect(await limited(async () => 'again')).toBe('again');
  });
});
