import { z } from 'zod';
import { DEVICES, labelledSets, path, source } from './fields.js';
import type { DeviceReport } from './progress.js';
import { selectSchema, type Weights } from './selection.js';

/** Methods × budgets × seeds in one job. */
export const sweepSchema = selectSchema
  .omit({
    budget: true,
    method: true,
    include: true,
    exclude: true,
    excludeFindings: true,
    classQuota: true,
    out: true,
    evaluate: true,
  })
  .extend({
    /** As of select, several of them: `5%,10%,20%`. */
    budgets: z.string().max(200),
    methods: z.array(z.string().min(1).max(400)).min(1).max(32),
    /** How many seeds, 0 and on, a method runs with whose picks depend on one. */
    seeds: z.number().int().min(1).max(20).default(3),
    on: labelledSets,
    /** Files of the report, by their extension: `.html`, `.md`, `.csv` or `.json`. */
    out: z.array(path).max(8).default([]),
  });

export const evaluateSchema = z.strictObject({ ...source, subset: path, on: labelledSets });

export const evaluateModelSchema = z.strictObject({
  /** Model folders, or hub names that are in the cache. */
  models: z.array(path).min(1).max(16),
  /** Labelled sets: folders of classes, tables with labels, CLIP_benchmark's WebDatasets. */
  sets: z.array(path).min(1).max(64),
  /** Folder for a JSON file each, as CLIP_benchmark writes them. */
  out: path.optional(),
  store: path.optional(),
  device: z.enum(DEVICES).default('auto'),
  approvedRoots: source.approvedRoots,
});

/** What sweeps have measured so far. */
export const evaluationsSchema = z.strictObject({ source: path, store: path.optional() });

export interface EvaluationReport {
  /** On which pairs linear CLIP was tried, in a sentence; null where on none. */
  note: string | null;
  measures: MeasureInfo[];
  /** The subset first, then each baseline at the same budget, then the full data. */
  columns: EvaluationColumn[];
}

export interface MeasureInfo {
  name: string;
  label: string;
  better: 'lower' | 'higher' | 'neither';
  /** One sentence: what it says, and what it does not. */
  meaning: string;
}

export interface EvaluationColumn {
  name: string;
  pairs: number;
  seeds: number;
  /** By measure; `sd` is 0 for a single seed, null where the measure does not apply. */
  values: Record<string, { mean: number; sd: number } | null>;
  /** Of sweeps: shares of the pairs over equal bins of the CLIP score, and over the largest classes with all others last. */
  shape?: { range: [from: number, to: number]; scores: number[]; classes: number[] };
}

/** The table of all methods at each budget, ascending. */
export interface SweepReport {
  budgets: { budget: string; pairs: number; report: EvaluationReport }[];
  classes: string;
  device: DeviceReport;
  seconds: Record<string, number>;
  /** Where the report was written. */
  out: string[];
}

/** Measured subsets of a dataset, by what they must have in common to be compared. */
export interface KeptEvaluations {
  groups: {
    classes: string;
    weights: Weights;
    holdout: string | null;
    /** Names of labelled sets. */
    on: string[];
    budgets: SweepReport['budgets'];
  }[];
}

/** One model on one labelled set, in the fields of CLIP_benchmark's result files and two more. */
export interface ModelScores {
  dataset: string;
  model: string;
  pretrained: string;
  task: 'zeroshot_classification' | 'zeroshot_retrieval';
  /** `acc1`, `acc5`, `mean_per_class_recall`; or `image_retrieval_recall@k` and `text_retrieval_recall@k`. In 0…1. */
  metrics: Record<string, number>;
  language: 'en';
  /** Images that were judged, and rows that could not be. */
  images: number;
  skipped: number;
}

export interface ModelEvaluation {
  results: ModelScores[];
  /** The files that were written. */
  files: string[];
  device: DeviceReport;
}
