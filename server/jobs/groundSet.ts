import { Database, NUMBERED_PARQUET } from '../dataset/database.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { cpuThreads } from '../engine/device.js';
import { LEAST_CLASS_BYTES, RowPool } from '../parallel/rowPool.js';
import { sphericalKmeans } from '../selection/kmeans.js';
import { prepareClasses, type PreparedClasses } from '../selection/prepare.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { classifiedFile, keepClassified, readClassified, type Classified } from './classified.js';
import { defaultClassCount, type ClassSource, type NamedClasses } from './classSource.js';
import { breathe, type ProgressReporter } from './progress.js';
import type { Stopwatch } from './stopwatch.js';
import type { Workspace } from './workspace.js';

/** The pairs that a selection chooses from and an evaluation measures against, with their latent classes. */
export interface GroundSet {
  /** Goes over the table with all threads; `close` it when done. */
  pool: RowPool;
  table: EmbeddingTable;
  /** k(i); NO_CLASS for an unusable row or an exact duplicate. */
  labels: Int32Array;
  classes: number;
  names: string[];
  /** t_k, or null for k-means classes. */
  classEmbeddings: Float64Array | null;
  /** V_k and the class sums. */
  prepared: PreparedClasses;
  /** Rows with a norm on both sides that are not held out, exact duplicates included. */
  valid: number;
  /** Usable rows that were kept out of selection, ascending. */
  heldOut: Int32Array;
  exactDuplicates: Int32Array;
  /** Over all values of the store. */
  fingerprint: string;
  /** Bytes that what is done with it may use in all. */
  memory: number;
}

interface GroundSetTools {
  store: EmbeddingStore;
  source: ClassSource;
  named: NamedClasses | null;
  workspace: Workspace;
  context: JobContext;
  progress: ProgressReporter;
  stopwatch: Stopwatch;
  /** Bytes that the selection may use in all. */
  memory: number;
  /** Rows that are no candidates, ascending. */
  heldOut: Int32Array;
}

/** The ground set of a store under its classes: as an earlier run kept it, or by reading and classifying every row. */
export async function readGroundSet(tools: GroundSetTools): Promise<GroundSet> {
  const { store, named, context, progress, stopwatch, workspace } = tools;
  const device = await workspace.device();
  const pool = new RowPool(store, device, {
    threads: cpuThreads(),
    classBytes: bytesForClasses(tools.memory, store.rows),
    cancelled: () => context.cancelled(),
  });
  try {
    const file = classifiedFile(workspace.home, tools);
    let found = await stopwatch.time('read', async () => readClassified(file, store));
    if (found) await takeOver(pool, found, named, progress);
    else {
      found = await classify(pool, tools);
      await stopwatch.time('write', () => keepClassified(file, found!, () => workspace.makeHome()));
    }
    const { table, labels } = pool;
    const { sums, exactDuplicates, checksum } = found;
    let valid = 0;
    for (let row = 0; row < table.rows; row++) if (isUsable(table, row)) valid++;
    const repeated = new Set(exactDuplicates);
    const heldOut = tools.heldOut.filter((row) => isUsable(table, row) && !repeated.has(row));
    const classEmbeddings = named?.embeddings ?? null;
    return {
      pool,
      table,
      labels,
      classes: sums.classes,
      names: named?.names ?? Array.from({ length: sums.classes }, (_, k) => `cluster ${k}`),
      classEmbeddings,
      prepared: await prepareClasses(table, labels, sums.classes, classEmbeddings, breathe, sums),
      valid: valid - tools.heldOut.filter((row) => isUsable(table, row)).length,
      heldOut,
      exactDuplicates,
      fingerprint: checksum,
      memory: tools.memory,
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

async function takeOver(
  pool: RowPool,
  found: Classified,
  named: NamedClasses | null,
  progress: ProgressReporter,
): Promise<void> {
  pool.table.imageScale.set(found.imageScale);
  pool.table.textScale.set(found.textScale);
  pool.labels.set(found.labels);
  // The threads sum by class; nothing more is classified.
  await pool.setClasses(named?.embeddings ?? new Float64Array(0), found.sums.classes);
  progress.begin('classify', 'pairs');
  progress.update(found.labels.length, found.labels.length);
}

/** Reading and classifying are one pass where the classes are known before. */
async function classify(pool: RowPool, tools: GroundSetTools): Promise<Classified> {
  const { store, named, progress, stopwatch } = tools;
  const exactDuplicates = await findExactDuplicates(store);
  const excluded = Int32Array.from([...exactDuplicates, ...tools.heldOut]);
  progress.begin('classify', 'pairs');
  const onRows = async (rows: number): Promise<void> => progress.update(rows, store.rows);
  let count = named?.names.length ?? 0;
  if (named) await pool.setClasses(named.embeddings, count);
  else {
    await stopwatch.time('read', () => pool.read(null, excluded, onRows));
    const centroids = await stopwatch.time('classes', () => kmeansCentroids(pool, new Set(excluded), tools));
    count = centroids.length / store.dim;
    await pool.setClasses(centroids, count);
    progress.begin('classify', 'pairs');
  }
  const read = await stopwatch.time('classify', () => pool.read(count, excluded, onRows));
  const { imageScale, textScale } = pool.table;
  return {
    imageScale,
    textScale,
    labels: pool.labels,
    exactDuplicates,
    sums: read.sums!,
    checksum: read.checksum,
  };
}

/** Of each row: labels, scales, terms, its place in a class, and what sorting takes. */
const BYTES_PER_ROW = 120;
/** The program itself: V8, ONNX Runtime, DuckDB and the blocks in work. */
const BYTES_AT_LEAST = 400 * 2 ** 20;

/** What is left of the memory for the rows of classes. */
function bytesForClasses(memory: number, rows: number): number {
  return Math.max(LEAST_CLASS_BYTES, memory - BYTES_AT_LEAST - rows * BYTES_PER_ROW);
}

async function kmeansCentroids(
  pool: RowPool,
  excluded: Set<number>,
  { source, context, progress }: GroundSetTools,
): Promise<Float64Array> {
  const { table } = pool;
  if (source.kind !== 'k-means') throw new Error('classes without names are k-means');
  const rows = Int32Array.from(table.imageScale.keys()).filter(
    (row) => isUsable(table, row) && !excluded.has(row),
  );
  progress.begin('classes', 'iterations');
  return sphericalKmeans(table, rows, {
    classes: Math.min(source.count ?? defaultClassCount(rows.length), Math.max(1, rows.length)),
    seed: source.seed,
    iterations: source.iterations,
    nearestSums: (centroids, training) => pool.nearestSums(centroids, training),
    checkpoint: async (done, total) => {
      throwIfCancelled(context);
      progress.update(done, total);
      await breathe();
    },
  });
}

function isUsable(table: Pick<EmbeddingTable, 'imageScale' | 'textScale'>, row: number): boolean {
  return table.imageScale[row]! > 0 && table.textScale[row]! > 0;
}

/** Later rows with the same image bytes and caption as an earlier one; never for a store that is not ours. */
async function findExactDuplicates(store: EmbeddingStore): Promise<Int32Array> {
  if (store.plan === null) return new Int32Array(0);
  const database = await Database.open();
  try {
    await database.run('CREATE TABLE contents(row BIGINT, image VARCHAR, caption VARCHAR)');
    for (const part of store.parts)
      if (part.metadata !== null)
        await database.run(
          `INSERT INTO contents SELECT file_row_number + $2, image_sha256, caption
           FROM ${NUMBERED_PARQUET}`,
          [part.metadata, BigInt(part.firstRow)],
        );
    const rows = await database.all<{ row: number }>(
      `SELECT row FROM contents QUALIFY row_number() OVER (PARTITION BY image, caption ORDER BY row) > 1 ORDER BY row`,
    );
    return Int32Array.from(rows, ({ row }) => row);
  } finally {
    database.close();
  }
}
