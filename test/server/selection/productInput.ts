import { prepareClasses } from '../../../server/selection/prepare.js';
import type { SelectionInput } from '../../../server/selection/selectionInput.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from './plainGreedy.js';
import { nothing, unit } from './samples.js';

export interface SamplePairs {
  images: number[][];
  texts: number[][];
  /** Below 0 for a pair that is no candidate. */
  labels: number[];
  classEmbeddings?: number[][];
}

/** What a method is given for these pairs. */
export async function productInput(pairs: SamplePairs, budget: number): Promise<SelectionInput> {
  const { images, texts, classEmbeddings } = pairs;
  const table = tableOf(images, texts);
  const labels = Int32Array.from(pairs.labels);
  const named = classEmbeddings ? Float64Array.from(classEmbeddings.flatMap(unit)) : null;
  const classes = classEmbeddings?.length ?? Math.max(0, ...pairs.labels) + 1;
  return {
    table,
    labels,
    ...(await prepareClasses(table, labels, classes, named, nothing)),
    weights: { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 },
    budget,
    seed: 0,
    checkpoint: nothing,
    check: () => {},
    products: productsOf(table.dim),
  };
}
