import { gatherRows, type EmbeddingTable } from '../embeddings/pairBlock.js';
import { addToClassSums, emptyClassSums, type ClassSums } from './crossCovariance.js';
import { rowsByClass } from './latentClasses.js';
import { termContext, type TermContext } from './terms.js';

const CHUNK_ROWS = 4096;

/** The candidates by class and what every term needs of them. */
export interface PreparedClasses {
  members: Int32Array[];
  context: TermContext;
}

/** Class members and sums of all rows with a label, each sum in ascending order of rows. */
export async function prepareClasses(
  table: EmbeddingTable,
  labels: Int32Array,
  classes: number,
  classEmbeddings: Float64Array | null,
  checkpoint: (done: number, total: number) => Promise<void>,
): Promise<PreparedClasses> {
  const sums: ClassSums = emptyClassSums(classes, table.dim);
  for (let first = 0; first < table.rows; first += CHUNK_ROWS) {
    await checkpoint(first, table.rows);
    const rows = Int32Array.from({ length: Math.min(CHUNK_ROWS, table.rows - first) }, (_, i) => first + i);
    addToClassSums(sums, gatherRows(table, rows), labels.subarray(first, first + rows.length));
  }
  return { members: rowsByClass(labels, classes), context: termContext(sums, classEmbeddings) };
}
