import { z } from 'zod';
import { dataset, findingId, path } from './fields.js';
import type { DeviceReport } from './progress.js';
import { selectSchema } from './selection.js';

/** What may be wrong with the pairs of a dataset, before any selection. */
export const reportSchema = selectSchema
  .pick({ classes: true, classEmbeddings: true, kmeans: true, seed: true })
  .extend({
    ...dataset,
    /** ε of near duplicates, as of `select`. */
    nearDuplicates: z.number().gt(0).max(2).default(0.05),
    /** The finding whose pairs are listed. */
    finding: findingId.optional(),
    /** So many of them come with a picture. */
    pictures: z.number().int().min(0).max(1000).default(0),
    /** Files of the report, by their extension: `.html`, `.md`, `.csv` or `.json`. */
    out: z.array(path).max(8).default([]),
  });

/** The usual dimensions of data quality, in the order a report shows them. */
export const DIMENSIONS = ['completeness', 'correctness', 'consistency', 'uniqueness', 'balance'] as const;

/** What one check found. */
export interface QualityFinding {
  /** As it is named on the command line. */
  id: string;
  dimension: (typeof DIMENSIONS)[number];
  title: string;
  /** Why a person may want to know. */
  why: string;
  severity: 'problem' | 'doubt' | 'note';
  count: number;
  /** Of all pairs of the dataset. */
  share: number;
  /** The first few by id; of a pair that could not be embedded the reason is told. */
  examples: QualityPair[];
}

export interface QualityPair {
  id: number;
  image: string | null;
  caption: string | null;
  /** Why it was not embedded, or null. */
  reason: string | null;
  /** Of a near duplicate, the pair it repeats. */
  repeats: number | null;
  /** A small WebP as a `data:` URI, where pictures were asked for. */
  picture?: string;
}

/** How even the latent classes are. */
export interface ClassBalance {
  /** Classes that there are, and those with a pair. */
  classes: number;
  used: number;
  /** exp of the entropy of the shares: as many classes of equal size would be as even. */
  effective: number;
  /** The largest, most pairs first. */
  largest: { name: string; count: number; share: number }[];
}

/** What the dataset report holds: a function of dataset, model and parameters. */
export interface QualityReport {
  schema: 1;
  dataset: { pairs: number; embedded: number; fingerprint: string };
  model: { name: string; fingerprint: string };
  /** ε */
  nearDuplicates: number;
  findings: QualityFinding[];
  /** Captions by the Unicode script of most of their letters; null for those without letters. */
  scripts: { script: string | null; count: number }[];
  /** Median CLIP score of pairs, and of captions with images of other pairs. */
  clipScore: { median: number; chance: number };
  classes: ClassBalance & { description: string };
  /** Groups of near duplicates, and the pairs of the largest with the one that stays. */
  clusters: { count: number; largest: number };
  /** Of the file of ids beside the report. */
  idsSha256: string;
}

export interface QualityAnswer {
  report: QualityReport;
  /** Where it is kept. */
  file: string;
  /** Pairs of the finding that was asked for. */
  pairs: QualityPair[] | null;
  device: DeviceReport;
}
