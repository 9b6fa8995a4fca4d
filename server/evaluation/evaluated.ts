import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Objective, Weights } from '../protocol/selection.js';
import type { Products } from '../selection/products.js';
import type { TermContext } from '../selection/terms.js';
import type { LabelledScores, LabelledTask } from './labelledTask.js';
import type { LinearForm } from './linearClip.js';
import type { LinearRecall } from './linearRetrieval.js';
import type { Origin } from './moments.js';
import type { RunDirections } from './evaluateSubset.js';
import type { RunPass } from './subsetPass.js';

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
  /** Linear CLIP on labelled sets; empty where none are given. */
  labelled: LabelledScores;
  shape: SubsetShape;
}

/** How the pairs of a subset are spread, as shares of them. */
export interface SubsetShape {
  /** Over equal bins of the CLIP score in `range`; what lies outside is in the first or last. */
  scores: number[];
  range: [from: number, to: number];
  /** Over the largest classes of all pairs, the largest first, and all others last. */
  classes: number[];
}

/** What all subsets of a dataset are measured against. */
export interface EvaluationContext {
  table: EmbeddingTable;
  labels: Int32Array;
  /** All valid pairs: V. */
  all: Int32Array;
  /** The mean of all pairs, which rows are shifted by before they are multiplied. */
  origin: Origin;
  /** How many leading directions of the cross-covariances are compared. */
  directions: number;
  /** Pairs that linear CLIP is never fitted on. */
  heldOut: Int32Array;
  /** Labelled sets that linear CLIP is tried on as well. */
  tasks: LabelledTask[];
  /** V_k */
  members: Int32Array[];
  terms: TermContext;
  weights: Weights;
  /** What measures on all threads, where this one does not. */
  threads?: { classes: RunPass; directions: RunDirections };
  /** What the rows of classes may take in the memory of each thread; as much as is usual where it is not said. */
  residentBytes?: number;
  products: Products;
  checkpoint: () => Promise<void>;
}
