import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Objective, Weights } from '../protocol/contract.js';
import type { Products } from '../selection/products.js';
import type { TermContext } from '../selection/terms.js';
import type { LinearForm } from './linearClip.js';
import type { LinearRecall } from './linearRetrieval.js';
import type { Moments } from './moments.js';
import type { LeadingSingular } from './singular.js';

/** Everything the measures read off, for one subset. */
export interface Evaluated {
  pairs: number;
  covarianceError: number | null;
  spectralError: number | null;
  covarianceDirection: number | null;
  /** Of the leading left and right singular vectors of C_S and C_V. */
  imageSubspace: number | null;
  textSubspace: number | null;
  classCovarianceError: number;
  imageCentreDistance: number;
  textCentreDistance: number;
  classesCovered: number;
  shareVariation: number;
  clipScore: number;
  duplicateRate: number;
  /** F(S) and its terms, which add up to it. */
  objective: Objective;
  /** Null where there are too few pairs to hold any out, or none is left to fit on. */
  linear: Record<LinearForm, LinearRecall> | null;
}

/** What all subsets of a dataset are measured against; made once. */
export interface EvaluationContext {
  table: EmbeddingTable;
  labels: Int32Array;
  /** All valid pairs: V. */
  all: Int32Array;
  full: Moments;
  /** The leading singular vectors of the full cross-covariance. */
  leading: LeadingSingular;
  /** Pairs that linear CLIP is never fitted on. */
  heldOut: Int32Array;
  members: Int32Array[];
  terms: TermContext;
  weights: Weights;
  products: Products;
  checkpoint: () => Promise<void>;
}
