import type { EvaluationReport } from '../../server/protocol/evaluation.js';
import type { PanelState, ResultView } from '../../server/protocol/panel.js';

const device = { used: 'cpu (2 threads)', refused: [] };
/** A square of one colour. */
const PICTURE =
  'data:image/webp;base64,UklGRkYAAABXRUJQVlA4IDoAAABQAwCdASpAADAAPm02mEkkIyKhIqgAgA2JZwAAGHCT276rwACb+g+Jq//87B/96P/THrFj3IgAAAAA';
const of = (result: ResultView): PanelState => ({
  ...{ place: 'result', setup: null, run: null, subset: null, pairs: null, error: null },
  result,
});
const report = (pairs: number): EvaluationReport => ({
  note: null,
  measures: [
    {
      ...{ name: 'on-birds-cosine-acc1', label: 'Linear CLIP on birds, acc1', better: 'higher' },
      meaning: 'Zero-shot accuracy of a linear model in closed form.',
    },
    {
      ...{ name: 'covarianceError', label: 'Cross-covariance error', better: 'lower' },
      meaning: 'How far the picks are from the whole.',
    },
  ],
  columns: ['clipcov', 'neg-clip-loss:30% | clipcov', 'random', 'all pairs'].map((name, i) => ({
    ...{ name, pairs: i === 3 ? 9_636 : pairs, seeds: i === 2 ? 3 : 1 },
    values: {
      'on-birds-cosine-acc1': { mean: 0.4 - i / 20, sd: i === 2 ? 0.02 : 0 },
      covarianceError: { mean: 100 / pairs + i / 10, sd: i === 2 ? 0.01 : 0 },
    },
  })),
});
const budgets = [480, 960, 1_920].map((pairs) => ({
  budget: `${pairs / 96}%`,
  pairs,
  report: report(pairs),
}));
const score = (model: string, pretrained: string, acc1: number): object => ({
  ...{ dataset: 'birds', model, pretrained, task: 'zeroshot_classification', language: 'en' },
  ...{ images: 1_024, skipped: 2, metrics: { acc1, acc5: acc1 + 0.2, mean_per_class_recall: acc1 - 0.01 } },
});

/** Every kind of result, by name. */
export const RESULTS = {
  'two models': of({
    ...{ kind: 'models', title: 'Evaluate Model' },
    evaluation: {
      results: [score('trained-on-half', 'a1b2c3d4', 0.41), score('trained-on-all', 'e5f6a7b8', 0.44)],
      files: ['/results/birds_trained-on-half.json'],
      device,
    } as never,
  }),
  'methods compared': of({
    ...{ kind: 'sweep', title: 'Methods: icons' },
    sweep: { budgets, classes: 'zero-shot, 684 names of icon-clip', device, seconds: {}, out: [] },
  }),
  'no evaluations': of({ kind: 'evaluations', title: 'Evaluations: icons', kept: { groups: [] } }),
  'findings with pairs': of({
    ...{ kind: 'dataset', title: 'Dataset report: icons' },
    report: {
      schema: 1,
      dataset: { pairs: 9_648, embedded: 9_636, fingerprint: 'x' },
      model: { name: 'icon-clip', fingerprint: 'y' },
      nearDuplicates: 0.05,
      findings: (['completeness', 'uniqueness', 'correctness'] as const).map((dimension, i) => ({
        ...{
          id: `finding-${i}`,
          dimension,
          title: `Finding of ${dimension}`,
          why: 'It may teach the wrong.',
        },
        ...{ severity: i ? 'doubt' : 'problem', count: i * 40, share: i / 200, examples: [] },
      })),
      scripts: [{ script: 'Latin', count: 9_000 }],
      clipScore: { median: 0.31, chance: 0.05 },
      classes: { classes: 684, used: 600, effective: 310.4, largest: [], description: 'zero-shot' },
      clusters: { count: 12, largest: 7 },
      idsSha256: 'z',
    },
    listed: {
      finding: 'finding-1',
      pairs: [
        {
          ...{ id: 3, image: 'images/3.png', caption: '<img src=x onerror=alert(1)>' },
          ...{ reason: null, repeats: 1, picture: PICTURE },
        },
        { id: 7, image: null, caption: null, reason: 'the image is not there', repeats: null },
      ],
    },
  }),
} satisfies Record<string, PanelState>;
