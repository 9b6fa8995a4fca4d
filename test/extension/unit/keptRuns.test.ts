import { beforeEach, describe, expect, it } from 'vitest';
import { KeptRuns, runLabel } from '../../../extension/run/keptRuns.js';

/** As VS Code stores it: what comes back is a copy by way of JSON. */
class Storage {
  private readonly values = new Map<string, string>();
  get<T>(key: string, fallback?: T): T {
    const text = this.values.get(key);
    return text === undefined ? (fallback as T) : (JSON.parse(text) as T);
  }
  async update(key: string, value: unknown): Promise<void> {
    this.values.set(key, JSON.stringify(value));
  }
}

const params = { source: '/data/icons', budget: '10%', method: 'clipcov', seed: 0 };
let storage: Storage;
let kept: KeptRuns;
beforeEach(() => {
  storage = new Storage();
  kept = new KeptRuns(storage as never, new Storage() as never);
});

describe('KeptRuns', () => {
  it('offers a run to repeat, the same one once, the newest first', async () => {
    await kept.begin(params);
    await kept.begin({ ...params, budget: '20%' });
    await kept.begin(params);
    await kept.begin({ ...params, source: '/elsewhere' });
    const { recent } = kept.shown('/data/icons');
    expect(recent.map(({ label }) => label)).toEqual(['clipcov · 10%', 'clipcov · 20%']);
    expect(kept.run(recent[0]!.id)).toEqual(params);
    expect(kept.run(99)).toBeNull();
  });

  it('keeps ids apart and forgets the oldest', async () => {
    for (let budget = 1; budget <= 40; budget++) await kept.begin({ ...params, budget: String(budget) });
    const ids = kept.runs().map(({ id }) => id);
    expect(ids.length).toBe(24);
    expect(new Set(ids).size).toBe(24);
    expect(kept.runs()[0]!.params.budget).toBe('40');
    expect(kept.shown('/data/icons').recent.length).toBe(5);
  });

  it('calls a run interrupted until it is paused, and forgets it when it is done', async () => {
    expect(kept.shown(params.source).unfinished).toBeNull();
    await kept.begin(params);
    await kept.reached(params.source, 'embed', 45);
    const again = new KeptRuns(storage as never, new Storage() as never);
    expect(again.shown(params.source).unfinished).toEqual({
      why: 'interrupted',
      stage: 'embed',
      percent: 45,
    });
    expect(again.unfinished(params.source)).toEqual(params);
    await again.paused(params.source);
    expect(again.shown(params.source).unfinished).toEqual({ why: 'paused', stage: 'embed', percent: 45 });
    await again.forget(params.source);
    expect(again.unfinished(params.source)).toBeNull();
    await again.reached(params.source, 'select', 1);
    expect(again.unfinished(params.source)).toBeNull();
    expect(again.shown(params.source).recent.length).toBe(1);
  });

  it('knows the rate of a model by the device that was asked for', async () => {
    await kept.measured('icon-clip', 'auto', { rate: 50, device: 'cpu (2 threads)' });
    await kept.measured('icon-clip', 'cpu', { rate: 40, device: 'cpu (2 threads)' });
    await kept.measured('other', 'auto', { rate: 4, device: 'cuda' });
    expect(kept.rates('icon-clip')).toEqual({
      auto: { rate: 50, device: 'cpu (2 threads)' },
      cpu: { rate: 40, device: 'cpu (2 threads)' },
    });
    expect(kept.rates('unknown')).toEqual({});
  });
});

it('labels a run by what differs from the usual', () => {
  expect(
    runLabel({ source: 's', budget: '5%', nearDuplicates: 0.05, seed: 3, kmeans: 7, device: 'cpu' }),
  ).toBe('clipcov · 5% · k-means 7 · ε 0.05 · seed 3 · cpu');
});
