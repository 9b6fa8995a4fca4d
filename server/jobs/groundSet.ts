import { Database, NUMBERED_PARQUET } from '../dataset/database.js';
import { readStore } from '../embeddings/embeddingTable.js';
import { RowGatherer, type EmbeddingTable, type PairBlock } from '../embeddings/pairBlock.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { classScorer } from '../engine/products.js';
import { ClassSummer } from '../selection/crossCovariance.js';
import { sphericalKmeans } from '../selection/kmeans.js';
import { NO_CLASS, type ClassScorer } from '../selection/latentClasses.js';
import { prepareClasses, type PreparedClasses } from '../selection/prepare.js';
import { throwIfCancelled, type JobContext } from './context.js';
import { defaultClassCount, type ClassSource, type NamedClasses } from './classSource.js';
import { breathe, type ProgressReporter } from './progress.js';
import type { Stopwatch } from './stopwatch.js';
import type { Workspace } from './workspace.js';

const CHUNK_ROWS = 4096;

/** The pairs that a selection chooses from and an evaluation measures against, with their latent classes. */
export interface GroundSet {
  table: EmbeddingTable;
  /** k(i); NO_CLASS for an unusable row or an exact duplicate. */
  labels: Int32Array;
  classes: number;
  names: string[];
  /** t_k, or null for k-means classes. */
  classEmbeddings: Float64Array | null;
  /** V_k and the class sums. */
  prepared: PreparedClasses;
  /** Rows with a norm on both sides, exact duplicates included. */
  valid: number;
  exactDuplicates: Int32Array;
  /** Over all values of the store. */
  fingerprint: string;
}

interface GroundSetTools {
  store: EmbeddingStore;
  source: ClassSource;
  named: NamedClasses | null;
  workspace: Workspace;
  context: JobContext;
  progress: ProgressReporter;
  stopwatch: Stopwatch;
}

/** Reads a store, classifies every row and sums the classes; reading and classifying are one pass for named ones. */
export async function readGroundSet(tools: GroundSetTools): Promise<GroundSet> {
  const { store, named, context, progress, stopwatch } = tools;
  const exactDuplicates = await findExactDuplicates(store);
  const excluded = new Set(exactDuplicates);
  const labels = new Int32Array(store.rows).fill(NO_CLASS);
  let valid = 0;

  /** Labels a chunk and adds it to its classes' sums while it is widened. */
  async function classify(
    chunk: PairBlock & { firstRow: number },
    scorer: ClassScorer,
    summer: ClassSummer,
  ): Promise<Int32Array> {
    const { firstRow, rows } = chunk;
    const nearest = await stopwatch.time('classify', () => scorer(chunk.images, rows));
    const own = labels.subarray(firstRow, firstRow + rows);
    for (let i = 0; i < rows; i++) {
      const usable = isUsable(chunk, i);
      if (usable) valid++;
      if (usable && !excluded.has(firstRow + i)) own[i] = nearest[i]!;
    }
    stopwatch.timeSync('sums', () => summer.add(chunk, own));
    progress.update(firstRow + rows, store.rows);
    await breathe();
    return own;
  }

  progress.begin('select', 'pairs');
  const device = await tools.workspace.device();
  const scorerOf = (classes: ArrayLike<number>): Promise<ClassScorer> =>
    classScorer(device, Float32Array.from(classes), classes.length / store.dim, store.dim);
  let read: Awaited<ReturnType<typeof readStore>>;
  let summer: ClassSummer;
  let names: string[];
  if (named) {
    names = named.names;
    summer = new ClassSummer(names.length, store.dim);
    const scorer = await scorerOf(named.embeddings);
    read = await stopwatch.time('read', () =>
      readStore(store, context, names.length, (chunk) => classify(chunk, scorer, summer)),
    );
  } else {
    read = await stopwatch.time('read', () => readStore(store, context, null, breathe));
    const centroids = await stopwatch.time('classes', () =>
      kmeansCentroids(read.table, excluded, tools, scorerOf),
    );
    names = Array.from({ length: centroids.length / store.dim }, (_, k) => `cluster ${k}`);
    summer = new ClassSummer(names.length, store.dim);
    const scorer = await scorerOf(centroids);
    const gatherer = new RowGatherer(read.table);
    for (let firstRow = 0; firstRow < store.rows; firstRow += CHUNK_ROWS) {
      throwIfCancelled(context);
      const count = Math.min(CHUNK_ROWS, store.rows - firstRow);
      const block = gatherer.gather(Int32Array.from({ length: count }, (_, i) => firstRow + i));
      await classify({ ...block, firstRow }, scorer, summer);
    }
  }
  const { table } = read;
  const classEmbeddings = named?.embeddings ?? null;
  const prepared = await prepareClasses(
    table,
    labels,
    names.length,
    classEmbeddings,
    breathe,
    summer.result(),
  );
  return {
    table,
    labels,
    classes: names.length,
    names,
    classEmbeddings,
    prepared,
    valid,
    exactDuplicates,
    fingerprint: read.checksum,
  };
}

async function kmeansCentroids(
  table: EmbeddingTable,
  excluded: Set<number>,
  { source, context, progress }: GroundSetTools,
  scorer: (centroids: Float32Array) => Promise<ClassScorer>,
): Promise<Float32Array> {
  if (source.kind !== 'k-means') throw new Error('classes without names are k-means');
  const rows = Int32Array.from(table.imageScale.keys()).filter(
    (row) => isUsable(table, row) && !excluded.has(row),
  );
  progress.begin('classes', 'iterations');
  return sphericalKmeans(table, rows, {
    classes: Math.min(source.count ?? defaultClassCount(rows.length), Math.max(1, rows.length)),
    seed: source.seed,
    iterations: source.iterations,
    scorer,
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
