import { z } from 'zod';
import type { SkippedRows } from './dataset.js';
import type { EvaluationReport } from './evaluation.js';
import { dataset, findingId, pageOffset, path, seed, source } from './fields.js';
import type { DeviceReport } from './progress.js';

export const METHODS = [
  'clipcov',
  'clipcov-pruned',
  'clipcov-notebook',
  'clip-score',
  'semdedup',
  'semdedup-released',
  'neg-clip-loss',
  'norm-sim',
  'c-rho',
  'skmm',
  'random',
] as const;

/** What a step of a method may be besides: it leaves pairs out and ranks nothing. */
export const FILTERS = ['near-duplicates', 'ood'] as const;

/** Weights of the objective F (method.md); each defaults to the paper's value. */
export const weightsSchema = z.strictObject({
  cross: z.number().default(1),
  self: z.number().default(2),
  label: z.number().default(0.5),
  inter: z.number().default(1),
  /** λ, refused below 0. */
  redundancy: z.number().min(0).default(1),
  /** β */
  balance: z.number().default(0),
});

export const selectSchema = z.strictObject({
  ...dataset,
  /** `10%` of the valid pairs (floor), or a number of pairs; several of them, `5%,10%`, make as many subsets. */
  budget: z.string().max(200),
  /** A method, or steps of them: `neg-clip-loss:30% | norm-sim:20%`. */
  method: z.string().min(1).max(400).default('clipcov'),
  /** `.npy`, [m, d], image embeddings of the target set of norm-sim. */
  target: path.optional(),
  norm: z.enum(['2', 'inf']).default('2'),
  /** Store of the same pairs by an early model, for c-rho. */
  early: path.optional(),
  /** Text files of ids, one a line: pairs that must be picked first, and pairs that must not be. */
  include: path.optional(),
  exclude: path.optional(),
  /** Findings of the dataset report whose pairs are not picked, by id. */
  excludeFindings: z.array(findingId).max(64).default([]),
  /** `5%` of the pairs by the seed, or a text file of ids: kept out of selection, for evaluation. */
  holdout: path.optional(),
  /** At most so many picks of a class: a number, or a share of the class. */
  classQuota: z.string().max(32).optional(),
  /** Text file of class names, one a line; or `imagenet-1k`, the names that come with the product. */
  classes: path.optional(),
  /** `.npy`, [classes, d], text embeddings of the classes. */
  classEmbeddings: path.optional(),
  /** Number of k-means classes, used where there are no class names. */
  kmeans: z.number().int().min(1).max(100_000).optional(),
  weights: weightsSchema.prefault({}),
  seed: seed.default(0),
  /** ε of the near-duplicate filter: pairs of one class whose images' cosine is above 1 − ε. */
  nearDuplicates: z.number().gt(0).max(2).optional(),
  /**
   * Name or path of the subset, `<method>-<budget>` where absent. Names are below `subsets/` in the dataset's folder; in
   * the folder of its embeddings where `store` is given and the dataset's cannot be written to.
   */
  out: path.optional(),
  /** Whether to evaluate the saved subset beside the baselines. */
  evaluate: z.boolean().default(true),
});

/** Picks anew what a saved subset picked, with some pairs forced in or out. */
export const reselectSchema = z.strictObject({
  ...source,
  subset: path,
  include: z.array(pageOffset).max(10_000),
  exclude: z.array(pageOffset).max(10_000),
  /** Name or path, as of `select`; the subset itself where absent. */
  out: path.optional(),
});

/** Saves the first picks of a subset as another one. */
export const cutSchema = z.strictObject({
  ...source,
  subset: path,
  /** As of `select`, no more than there are picks. */
  budget: z.string().max(200),
  /** Name or path; a name is one beside the subset. */
  out: path,
});

export type Weights = z.output<typeof weightsSchema>;

export type Method = (typeof METHODS)[number];

export type Filter = (typeof FILTERS)[number];

/** F(S) and its parts; the weighted terms add up to `value`. */
export interface Objective {
  value: number;
  terms: { cross: number; self: number; label: number; inter: number; redundancy: number; balance: number };
}

/** Can the proxy tell matched from shuffled pairs of this dataset? */
export interface ProxyStrength {
  /** P(score of a matched pair > score of a shuffled one), on a seeded sample. */
  auc: number;
  sample: number;
  /** Set where the AUC is under 0.7: what that means, and what to do. */
  warning: string | null;
}

export interface SelectionReport {
  subset: string;
  /** All that were saved, the largest last, which is `subset`. */
  subsets: { budget: string; subset: string }[];
  method: string;
  pairs: number;
  picks: number;
  /** How the latent classes came about, for instance `zero-shot, 684 names of icon-clip`. */
  classes: string;
  skipped: SkippedRows;
  exactDuplicates: number;
  nearDuplicates: number;
  objective: Objective;
  proxy: ProxyStrength;
  device: DeviceReport;
  /** Seconds by stage. */
  seconds: Record<string, number>;
  warnings: string[];
  evaluation: EvaluationReport | null;
}

export interface CutReport {
  /** That was saved. */
  subset: string;
  picks: number;
  objective: Objective;
  warnings: string[];
}
