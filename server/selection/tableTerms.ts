import type { PairRows } from '../kernels/pairRows.js';
import type { Weights } from '../protocol/selection.js';
import { positionsByClass } from './latentClasses.js';
import { eachPairTerms, type TermContext } from './terms.js';

/** The static terms of all pairs; arrays are [rows] of the table. */
export interface TableTerms {
  /** a_e */
  attraction: Float64Array;
  cross: Float64Array;
  self: Float64Array;
  label: Float64Array;
  /** The least ⟨v_e, Σv⟩ and ⟨l_e, Σl⟩ of each class, [classes]. */
  leastImage: Float64Array;
  leastText: Float64Array;
}

export type LeastProducts = Pick<TableTerms, 'leastImage' | 'leastText'>;

export function noProducts(classes: number): LeastProducts {
  return {
    leastImage: new Float64Array(classes).fill(Infinity),
    leastText: new Float64Array(classes).fill(Infinity),
  };
}

/** Lowers `least` to what another block found. */
export function lowerTo(least: LeastProducts, found: LeastProducts): void {
  for (const side of ['leastImage', 'leastText'] as const)
    found[side].forEach((value, k) => (least[side][k] = Math.min(least[side][k]!, value)));
}

/** The terms of the pairs loaded, which are rows `first`, `first` + 1, … of the table; `labels` are theirs. */
export function blockTerms(
  pairs: PairRows,
  first: number,
  labels: Int32Array,
  context: TermContext,
  weights: Weights,
  into: Omit<TableTerms, keyof LeastProducts>,
): LeastProducts {
  const { classes } = context.sums;
  const least = noProducts(classes);
  const { leastImage, leastText } = least;
  for (const { k, positions } of positionsByClass(labels, classes)) {
    eachPairTerms(pairs, positions, k, context, weights, (position, terms) => {
      const row = first + position;
      into.attraction[row] = terms.attraction;
      into.cross[row] = terms.cross;
      into.self[row] = terms.self;
      into.label[row] = terms.label;
      leastImage[k] = Math.min(leastImage[k]!, terms.imageOwn);
      leastText[k] = Math.min(leastText[k]!, terms.textOwn);
    });
  }
  return least;
}
