import { z } from 'zod';
import type { SkippedRows } from './dataset.js';
import type { EvaluationReport } from './evaluation.js';
import { pageOffset, path, source } from './fields.js';
import { pairViewSchema } from './pairView.js';
import type { DeviceReport } from './progress.js';
import type { Objective, ProxyStrength } from './selection.js';

export const explainSchema = z.strictObject({ ...source, subset: path, id: pageOffset });

/** A subset, and where the table of all pairs of its dataset may lie. */
export const pairs = { subset: path, store: path.optional() };

export const pageSchema = z.strictObject({
  ...pairs,
  offset: pageOffset,
  limit: z.number().int().min(1).max(500),
  view: pairViewSchema.prefault({}),
  /** Whether the terms of picks are wanted too, which the picks alone do not hold. */
  terms: z.boolean().default(false),
});

export const thumbnailsSchema = z.strictObject({
  ...pairs,
  ids: z.array(pageOffset).max(200),
  approvedRoots: source.approvedRoots,
  /** Large ones are for looking at one pair. */
  size: z.enum(['small', 'large']).default('small'),
});

/** Why a pair was picked or left out. */
export interface Explanation {
  id: number;
  image: string | null;
  caption: string | null;
  /** `picked`, or what left it out: it could not be used, repeats an earlier pair, fell to a filter, or ranks behind. */
  outcome: 'picked' | 'unusable' | 'exact-duplicate' | 'filtered' | 'behind';
  /** The outcome in a sentence with its numbers. */
  reason: string;
  rank: number | null;
  latentClass: string | null;
  /** n_k and |S_k|. */
  classSize: number;
  classPicks: number;
  clipScore: number | null;
  /** Its marginal gain and the terms of that: when it was picked, or now, after all picks of its class. */
  gain: Objective | null;
  /** The picked pair with the most like image of its class, itself left out. */
  nearest: { id: number; rank: number; cosine: number } | null;
  /** A few pairs of its class with the most like images, by that. */
  neighbours: { picked: Neighbour[]; dropped: Neighbour[] };
}

export interface Neighbour {
  id: number;
  /** Null of one that was not picked. */
  rank: number | null;
  /** Of the two images. */
  cosine: number;
}

/** One picked pair, as the Parquet file beside the document holds it. */
export interface Pick {
  id: number;
  rank: number;
  gain: number;
  latentClass: string;
  clipScore: number;
  image: string | null;
  caption: string | null;
}

/** What there is to look at of a subset's dataset. */
export interface OpenedPairs {
  /** Whether the table of all pairs is there; the picks alone where not. */
  complete: boolean;
  /** Other subsets of the same pairs in the same folder. */
  others: { name: string; method: string; picks: number }[];
}

/** How picks are spread, beside all pairs where the table of those is there. */
export interface Distributions {
  /** Numbers of pairs in bins of equal width of the CLIP score; `all` is null where only the picks are known. */
  scores: { from: number; to: number; all: number[] | null; picked: number[] };
  /** The largest classes, and all others together last, without a name; `all` as above. */
  classes: { name: string | null; all: number | null; picked: number }[];
  /** What the first picks come to, for some numbers of them up to all. */
  curve: {
    picks: number;
    gain: number;
    classes: number;
    /** Mean and lowest of their CLIP scores, and how many of them are in each bin of `scores`. */
    clipScore: number;
    lowest: number;
    scores: number[];
  }[];
  /** Subsets, this one first, and how many pairs exactly these of them picked, by their numbers. */
  overlap: { names: string[]; parts: { of: number[]; pairs: number }[] };
}

export interface PairPage {
  rows: PairRow[];
  /** Of all pairs that the filter leaves. */
  total: number;
}

/** A pair of the dataset, picked or not. */
export interface PairRow {
  id: number;
  /** Null of one that was not picked. */
  rank: number | null;
  gain: number | null;
  latentClass: string | null;
  /** self_e */
  clipScore: number | null;
  /** The other static terms, without their weights; null where they were not asked for or are not known. */
  terms: { cross: number; label: number; inter: number } | null;
  /** Why it was no candidate. */
  left: PairLeft | null;
  image: string | null;
  caption: string | null;
}

export type PairLeft = 'exact-duplicate' | 'held-out' | 'unusable';

/** A latent class; null of pairs that have none. */
export interface PairClass {
  name: string | null;
  pairs: number;
  picks: number;
}

export interface SubsetView {
  path: string;
  name: string;
  method: string;
  budget: string;
  pairs: number;
  picks: number;
  classes: string;
  objective: Objective;
  proxy: ProxyStrength;
  device: DeviceReport;
  /** Dataset folder, table or store that it was selected from: what an evaluation of it needs to be given. */
  source: string;
  /** Folder of the images, null for a subset of a bare store. */
  dataset: string | null;
  exactDuplicates: number;
  /** Null where none were looked for. */
  nearDuplicates: number | null;
  skipped: SkippedRows;
  warnings: string[];
  evaluation: EvaluationReport | null;
}

export interface Thumbnail {
  id: number;
  /** data: URI, or null with the reason where the image cannot be shown. */
  uri: string | null;
  reason?: string;
}
