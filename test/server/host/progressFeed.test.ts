import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressFeed } from '../../../server/host/progressFeed.js';
import type { JobProgress, PairPreview } from '../../../server/protocol/progress.js';

const preview = (id: number): PairPreview => ({
  id,
  caption: '',
  latentClass: null,
  clipScore: 0,
  gain: null,
  thumbnail: null,
});
const at = (done: number, more: Partial<JobProgress> = {}): JobProgress => ({
  stage: 'embed',
  done,
  total: 9,
  unit: 'pairs',
  rate: null,
  secondsLeft: null,
  device: 'cpu',
  skipped: 0,
  ...more,
});

describe('ProgressFeed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends the first value at once, then the newest one per interval', async () => {
    const sent: number[] = [];
    const feed = new ProgressFeed(async ({ done }) => void sent.push(done));
    feed.push(at(1));
    expect(sent).toEqual([1]);
    feed.push(at(2));
    feed.push(at(3));
    await vi.advanceTimersByTimeAsync(99);
    expect(sent).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([1, 3]);
    await vi.advanceTimersByTimeAsync(500);
    feed.push(at(4));
    expect(sent).toEqual([1, 3, 4]);
  });

  it('carries the path and the newest previews along', async () => {
    const sent: JobProgress[] = [];
    const feed = new ProgressFeed(async (value) => void sent.push(value));
    feed.push(at(1));
    feed.push(at(2, { previews: [preview(1)] }));
    feed.push(at(3, { previews: [preview(2)], subset: '/s' }));
    feed.push(at(4, { stage: 'write' }));
    await vi.advanceTimersByTimeAsync(100);
    feed.push(at(5));
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual([at(1), at(4, { stage: 'write', previews: [preview(2)], subset: '/s' }), at(5)]);
  });

  it('waits for a receiver that reads slowly', async () => {
    const sent: number[] = [];
    let read = (): void => undefined;
    const feed = new ProgressFeed(({ done }) => {
      sent.push(done);
      return new Promise((resolve) => (read = resolve));
    });
    for (let done = 1; done < 9; done++) {
      feed.push(at(done));
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(sent).toEqual([1]);
    read();
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual([1, 8]);
  });

  it('sends what it holds when the job ends, and nothing after', async () => {
    const sent: number[] = [];
    const feed = new ProgressFeed(async ({ done }) => void sent.push(done));
    feed.push(at(1));
    feed.push(at(2));
    feed.end();
    expect(sent).toEqual([1, 2]);
    feed.push(at(3));
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual([1, 2]);
  });

  it('does not mind a connection that is gone', async () => {
    const feed = new ProgressFeed(() => Promise.reject(new Error('closed')));
    feed.push(at(1));
    feed.push(at(2));
    await vi.advanceTimersByTimeAsync(300);
    feed.end();
  });
});
