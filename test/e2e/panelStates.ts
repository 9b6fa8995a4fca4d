import type { SkippedRows } from '../../server/protocol/dataset.js';
import type { EvaluationReport } from '../../server/protocol/evaluation.js';
import type { PanelState, RunState } from '../../server/protocol/panel.js';
import type { JobProgress } from '../../server/protocol/progress.js';

const skippedFor = (
  reason: string,
  total: number,
  example: SkippedRows['reasons'][number]['examples'][number],
): SkippedRows => ({
  total,
  reasons: [{ reason, count: total, examples: [example] }],
});
const skipped = skippedFor('the image is not there', 12, { id: 7, where: 'pairs.csv:9 images/0007.png' });
const uncaptioned = skippedFor('caption is missing or not UTF-8', 30, { id: 0, where: '000000.png' });
const inspection: NonNullable<NonNullable<PanelState['setup']>['inspection']> = {
  ...{ kind: 'table', pairs: 9_648, skipped, embedded: 1_024, model: 'icon-clip', storeBytes: 12_000_000 },
  store: '/data/icons/.clipcov/pairs.csv/icon-clip-0123456789ab',
  columns: { image: 'picture', caption: '<b>words</b>' },
};
const setup: NonNullable<PanelState['setup']> = {
  ...{ source: '/data/icons', inspection, error: null, memory: 2, unfinished: null, recent: [], without: [] },
  looked: 0,
  defaults: { budget: '10%', device: 'auto' },
  rates: { auto: { rate: 52.3, device: 'cpu (2 threads)' } },
};
const empty: PanelState = {
  place: 'panel',
  setup,
  run: null,
  subset: null,
  pairs: null,
  result: null,
  error: null,
};
const error = {
  message: 'The dataset cannot be read.',
  code: 'dataset',
  where: '/data/icons/pairs.csv:7',
  fix: 'Mend the row, or give another table.',
};
const progress: JobProgress = {
  ...{ stage: 'embed', done: 4_321, total: 9_636, unit: 'pairs', rate: 52.3, secondsLeft: 102 },
  ...{ device: 'cpu (2 threads)', skipped: 12 },
};
const run: RunState = {
  ...{ job: 'select', title: 'Selecting from icons', status: 'running', progress, error: null },
  previews: [1, 2, 3].map((id) => ({
    ...{ id, caption: `an icon ${id}`, latentClass: 'arrow', clipScore: 0.3, gain: null, thumbnail: null },
  })),
};
const evaluation: EvaluationReport = {
  note: 'Linear CLIP was tried on 480 pairs that were held out.',
  measures: [
    {
      ...{ name: 'error', label: 'Cross-covariance error', better: 'lower' },
      meaning: 'How far the picks are from the whole.',
    },
    { name: 'classes', label: 'Classes covered', better: 'higher', meaning: 'Of those that have a pair.' },
  ],
  columns: ['clipcov', 'random', 'clip-score', 'all pairs'].map((name, i) => ({
    ...{ name, pairs: i === 3 ? 9_636 : 963, seeds: i === 1 ? 3 : 1 },
    values: { error: { mean: 0.1 + i / 10, sd: i === 1 ? 0.01 : 0 }, classes: { mean: 400 - i, sd: 0 } },
  })),
};
const subset: NonNullable<PanelState['subset']> = {
  ...{ path: '/data/icons/subsets/clipcov-10pct.clipcov.json', name: 'clipcov-10pct', method: 'clipcov' },
  ...{ budget: '10%', pairs: 9_636, picks: 60, classes: 'zero-shot, 684 names of icon-clip' },
  ...{
    source: '/data/icons/pairs.csv',
    dataset: '/data/icons',
    exactDuplicates: 90,
    nearDuplicates: 0,
    skipped,
  },
  objective: {
    value: 123.4,
    terms: { cross: 100, self: 20, label: 5.5, inter: -1.1, redundancy: -1, balance: 0 },
  },
  proxy: {
    auc: 0.64,
    sample: 1_000,
    warning: 'This model tells pairs of this dataset apart hardly better than by guessing.',
  },
  device: { used: 'cpu (2 threads)', refused: [{ device: 'cuda', reason: 'no NVIDIA GPU was found' }] },
  warnings: ['The selection was begun on another device.'],
  evaluation,
};

const pairs: NonNullable<PanelState['pairs']> = {
  ...{ complete: false, reading: null, error: null, marks: { in: [], out: [] } },
  others: [{ name: 'clip-score-10pct', method: 'clip-score', picks: 963 }],
};

/** Every look of the page, by name. */
export const STATES = {
  looking: { ...empty, setup: { ...setup, inspection: null, looked: 1_240_000 } },
  form: empty,
  'form of a known dataset': {
    ...empty,
    setup: {
      ...setup,
      unfinished: { why: 'interrupted', stage: 'embed', percent: 45 },
      recent: [
        { id: 2, label: 'clipcov · 10%' },
        { id: 1, label: 'near-duplicates:0.05 | clip-score:60% | clipcov · 20% · seed 3' },
      ],
    },
  },
  'paused run': { ...empty, setup: { ...setup, unfinished: { why: 'paused', stage: 'embed', percent: 45 } } },
  'folder without captions': {
    ...empty,
    setup: {
      ...setup,
      inspection: { ...inspection, kind: 'folder', pairs: 30, skipped: uncaptioned, embedded: 0 },
    },
  },
  'broken dataset': { ...empty, setup: { ...setup, inspection: null, error } },
  starting: { ...empty, run: { ...run, progress: null, previews: [] } },
  running: { ...empty, run },
  pausing: { ...empty, run: { ...run, status: 'pausing' } },
  cancelled: { ...empty, run: { ...run, status: 'cancelled' } },
  failed: { ...empty, run: { ...run, status: 'failed', error } },
  subset: { ...empty, subset, pairs },
  'subset with all pairs': {
    ...empty,
    subset,
    pairs: { ...pairs, complete: true, marks: { in: [9], out: [3, 6] } },
  },
  'subset that is read': { ...empty, subset, pairs: { ...pairs, reading: { stage: 'read', percent: 40 } } },
  'subset that is being evaluated': {
    ...empty,
    subset: { ...subset, evaluation: null },
    run: { ...run, job: 'evaluate', previews: [] },
  },
  'subset that cannot be shown': { ...empty, place: 'editor', setup: null, error },
} satisfies Record<string, PanelState>;
