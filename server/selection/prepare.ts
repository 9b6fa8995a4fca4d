import type { EmbeddingTable } from '../rows/pairBlock.js';
import { sumClasses, type ClassSums } from './crossCovariance.js';
import { rowsByClass } from './latentClasses.js';
import { termContext, type TermContext } from './terms.js';

/** The candidates by class and what every term needs of them. */
export interface PreparedClasses {
  members: Int32Array[];
  context: TermContext;
}

/** Class members and sums of all rows with a label; `known` are the sums where a pass over the rows made them. */
export async function prepareClasses(
  table: EmbeddingTable,
  labels: Int32Array,
  classes: number,
  classEmbeddings: Float64Array | null,
  checkpoint: (done: number, total: number) => Promise<void>,
  known?: ClassSums,
): Promise<PreparedClasses> {
  const all = (): Int32Array => Int32Array.from(labels, (_, row) => row);
  const sums =
    known ?? (await sumClasses(table, labels, classes, all(), (done) => checkpoint(done, table.rows)));
  return { members: rowsByClass(labels, classes), context: termContext(sums, classEmbeddings) };
}
