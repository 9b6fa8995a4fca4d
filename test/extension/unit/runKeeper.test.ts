import { describe, expect, it, vi } from 'vitest';
import { RunKeeper } from '../../../extension/run/runKeeper.js';
import type { KeptRuns } from '../../../extension/run/keptRuns.js';
import type { RunState } from '../../../server/protocol/panel.js';
import type { JobProgress } from '../../../server/protocol/progress.js';

const params = { source: '/data/icons', budget: '10%', device: 'auto' as const };
const progress = (change: Partial<JobProgress>): JobProgress => ({
  ...{ stage: 'embed', done: 0, total: 1_000, unit: 'pairs', rate: null, secondsLeft: null },
  ...{ device: 'cpu', skipped: 0, ...change },
});
const state = (status: RunState['status'], now: JobProgress | null = null): RunState => ({
  ...{ job: 'select', title: '', status, progress: now, previews: [], error: null },
});

function keeper(): {
  keeper: RunKeeper;
  kept: Record<string, ReturnType<typeof vi.fn>>;
  pass(ms: number): void;
} {
  const names = ['begin', 'reached', 'paused', 'forget', 'measured'];
  const kept = Object.fromEntries(names.map((name) => [name, vi.fn(async () => undefined)]));
  let now = 0;
  const made = new RunKeeper(kept as unknown as KeptRuns, params, 'icon-clip', () => now);
  return { keeper: made, kept, pass: (ms) => (now += ms) };
}

describe('RunKeeper', () => {
  it('keeps the place now and then, and exactly when it is paused', () => {
    const { keeper: run, kept, pass } = keeper();
    run.changed(state('running'));
    run.changed(state('running', progress({ done: 10 })));
    run.changed(state('running', progress({ done: 100 })));
    pass(6_000);
    run.changed(state('running', progress({ done: 300 })));
    run.changed(state('paused', progress({ done: 450 })));
    expect(kept['begin']!.mock.calls).toEqual([[params]]);
    expect(kept['reached']!.mock.calls.map(([, , percent]) => percent)).toEqual([1, 30, 45]);
    expect(kept['paused']).toHaveBeenCalledOnce();
    expect(kept['forget']).not.toHaveBeenCalled();
  });

  it('measures a rate over enough pairs alone, once embedding is over', () => {
    for (const [done, times] of [
      [100, 0],
      [900, 1],
    ] as const) {
      const { keeper: run, kept } = keeper();
      run.changed(state('running', progress({ done, rate: 50 })));
      run.changed(state('running', progress({ stage: 'classify' })));
      run.changed(state('done', progress({ stage: 'write' })));
      expect(kept['measured']).toHaveBeenCalledTimes(times);
      if (times)
        expect(kept['measured']).toHaveBeenCalledWith('icon-clip', 'auto', { rate: 50, device: 'cpu' });
      expect(kept['forget']).toHaveBeenCalledOnce();
    }
  });
});
