import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Objective, Weights } from '../protocol/selection.js';
import type { Passes } from './passes.js';
import type { Products } from './products.js';
import type { TermContext } from './terms.js';

/** Everything a selection method may look at. Rows are rows of the table. */
export interface SelectionInput {
  table: EmbeddingTable;
  /** k(i), [rows]; below 0 for a row that is no candidate (unusable, duplicate, filtered). */
  labels: Int32Array;
  /** The candidates of each class in ascending order: V_k. */
  members: Int32Array[];
  /** Class sums of the candidates and what follows from them. */
  context: TermContext;
  weights: Weights;
  /** How many pairs to rank; at most the number of candidates. */
  budget: number;
  /** Candidates that are picked before any other, in this order, by methods whose choice depends on what is picked. */
  include?: Int32Array;
  /** How many pairs the subset is for, where that is less than are to be ranked: lists and quotas may refuse some. */
  subsetSize?: number;
  seed: number;
  /** How ClipCov goes over the rows; on this thread where absent. */
  passes?: Passes;
  products: Products;
  /** For norm-sim. */
  target?: TargetSet;
  /** The same pairs under an early model, for c-rho; its products are of its own width. */
  early?: { table: EmbeddingTable; products: Products };
  /** Awaited between classes with the share done, so that the caller stays responsive; throws to cancel. */
  checkpoint: (done: number, total: number) => Promise<void>;
  /** The same from inside a class, where nothing can be awaited. */
  check: () => void;
}

/** The same, its progress being the first or the second half of a method's. */
export function halfOf(input: SelectionInput, half: 0 | 1): SelectionInput {
  return { ...input, checkpoint: (done, total) => input.checkpoint((half * total + done) / 2, total) };
}

/** Unit image embeddings of a target set, [m, dim], and the norm over them. */
export interface TargetSet {
  images: Float32Array;
  norm: '2' | 'inf';
}

/** A nested order: every prefix is the subset of that size. */
export interface SelectionOrder {
  rows: Int32Array;
  /**
   * What the method ranked by: the true marginal gain for ClipCov, the score less its deductions for the notebook, the
   * CLIP score, the negative CLIP loss, the distance to the nearest duplicate for SemDeDup, a share of its largest weight
   * for SkMM, 0 for random.
   */
  gains: Float64Array;
  /** F of the picks and their CLIP scores, where the method knows them. */
  measured?: MeasuredPicks;
}

export interface MeasuredPicks {
  objective: Objective;
  /** self_e of each pick. */
  clipScores: Float64Array;
}
