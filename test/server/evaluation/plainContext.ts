import type { EvaluationContext } from '../../../server/evaluation/evaluated.js';
import { heldOutPairs } from '../../../server/evaluation/linearRetrieval.js';
import { prepareClasses } from '../../../server/selection/prepare.js';
import { productsOf } from '../engine/testProducts.js';
import { tableOf } from '../selection/plainGreedy.js';
import { nothing, unit } from '../selection/samples.js';
import type { PlainPairs } from './plainMeasures.js';

/** Leading directions that are compared. */
export const RANK = 1;
export const weights = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 };

/** Pairs in classes 0 up to `classes`, ready to be measured in this thread. */
export async function contextOf(
  { images, texts, labels }: PlainPairs,
  classes: number,
): Promise<EvaluationContext> {
  const table = tableOf(images, texts);
  const label = Int32Array.from(labels);
  const { members, context } = await prepareClasses(table, label, classes, null, nothing);
  const all = Int32Array.from(labels.flatMap((k, row) => (k >= 0 ? [row] : [])));
  const products = productsOf(table.dim);
  const centre = (rows: number[][]): Float64Array => {
    const units = rows.map(unit);
    return Float64Array.from(units[0]!, (_, j) => units.reduce((sum, row) => sum + row[j]! / rows.length, 0));
  };
  const origin = { image: centre(images), text: centre(texts) };
  return {
    table,
    labels: label,
    all,
    origin,
    directions: RANK,
    heldOut: heldOutPairs(all, 0),
    tasks: [],
    members,
    terms: context,
    weights,
    products,
    checkpoint: nothing,
  };
}
