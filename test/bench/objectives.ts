import { openNpy, readNpyRows } from '../../server/embeddings/npy.js';
import { openStore } from '../../server/embeddings/store.js';
import { RowPool } from '../../server/parallel/rowPool.js';
import { prepareClasses } from '../../server/selection/prepare.js';
import type { Synthetic } from './synthetic.js';

const WEIGHTS = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 };
const nothing = async (): Promise<void> => {};

/** F of each set of rows, computed alike from the rows themselves, not from anybody's gains. */
export async function objectives(data: Synthetic, subsets: number[][]): Promise<number[]> {
  const store = openStore(data.folder);
  const matrix = openNpy(data.classes);
  const values = new Float32Array(matrix.rows * matrix.columns);
  readNpyRows(matrix, 0, values);
  const classes = Float64Array.from(values);
  const pool = new RowPool(
    store,
    { name: 'cpu', report: { used: 'cpu', refused: [] } },
    { threads: 2, classBytes: 2 ** 28, cancelled: () => false },
  );
  try {
    await pool.setClasses(classes, matrix.rows);
    const { sums } = await pool.read(matrix.rows, new Int32Array(0), nothing);
    const { context } = await prepareClasses(pool.table, pool.labels, matrix.rows, classes, nothing, sums!);
    const found: number[] = [];
    for (const rows of subsets)
      found.push((await pool.measure(Int32Array.from(rows), pool.labels, context, WEIGHTS)).objective.value);
    return found;
  } finally {
    await pool.close();
  }
}
