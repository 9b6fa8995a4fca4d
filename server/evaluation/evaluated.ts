import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Weights } from '../protocol/contract.js';
import type { Products } from '../selection/products.js';
import type { TermContext } from '../selection/terms.js';
import type { Moments } from './moments.js';

/** Everything the measures read off, for one subset. */
export interface Evaluated {
  pairs: number;
  covarianceError: number | null;
  covarianceDirection: number | null;
  classCovarianceError: number;
  imageCentreDistance: number;
  textCentreDistance: number;
  classesCovered: number;
  clipScore: number;
  duplicateRate: number;
  objective: number;
}

/** What all subsets of a dataset are measured against; made once. */
export interface EvaluationContext {
  table: EmbeddingTable;
  labels: Int32Array;
  /** All valid pairs: V. */
  all: Int32Array;
  full: Moments;
  members: Int32Array[];
  terms: TermContext;
  weights: Weights;
  products: Products;
  checkpoint: () => Promise<void>;
}
