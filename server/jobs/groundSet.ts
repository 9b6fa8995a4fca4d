import { createHash } from 'node:crypto';
import { Database } from '../dataset/database.js';
import { readStore, type StoreChunk } from '../embeddings/embeddingTable.js';
import { gatherRows, type EmbeddingTable } from '../embeddings/pairBlock.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { classScorer } from '../engine/products.js';
import { addToClassSums, emptyClassSums, type ClassSums } from '../selection/crossCovariance.js';
import { sphericalKmeans } from '../selection/kmeans.js';
import { NO_CLASS, type ClassScorer } from '../selection/latentClasses.js';
import { throwIfCancelled, type JobContext } from './context.js';
import { defaultClassCount, type ClassSource, type NamedClasses } from './classSource.js';
import { breathe, type ProgressReporter } from './progress.js';
import type { Stopwatch } from './stopwatch.js';
import type { Workspace } from './workspace.js';

/** The pairs that a selection chooses from and an evaluation measures against, with their latent classes. */
export interface GroundSet {
  table: EmbeddingTable;
  /** k(i); NO_CLASS for an unusable row or an exact duplicate. */
  labels: Int32Array;
  classes: number;
  names: string[];
  /** t_k, or null for k-means classes. */
  classEmbeddings: Float64Array | null;
  sums: ClassSums;
  /** Rows with a norm on both sides, exact duplicates included. */
  valid: number;
  exactDuplicates: Int32Array;
  /** SHA-256 over the norms of all rows: changes with any embedding. */
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

/** Reads a store, classifies every row and sums the classes; one pass where the classes are known before. */
export async function readGroundSet(tools: GroundSetTools): Promise<GroundSet> {
  const { store, source, named, workspace, context, progress, stopwatch } = tools;
  const exactDuplicates = await findExactDuplicates(store);
  const excluded = new Set(exactDuplicates);
  const device = await workspace.device();
  const labels = new Int32Array(store.rows).fill(NO_CLASS);
  let valid = 0;

  const label = async (chunk: StoreChunk, scorer: ClassScorer, sums: ClassSums): Promise<void> => {
    const found = await stopwatch.time('classify', () => scorer(chunk.images, chunk.rows));
    const scales = chunkScales(chunk);
    stopwatch.timeSync('sums', () => {
      for (let i = 0; i < chunk.rows; i++) {
        const row = chunk.firstRow + i;
        const usable = scales.imageScale[i]! > 0 && scales.textScale[i]! > 0;
        if (usable) valid++;
        if (usable && !excluded.has(row)) labels[row] = found[i]!;
      }
      const block = { ...chunk, ...scales, dim: store.dim };
      addToClassSums(sums, block, labels.subarray(chunk.firstRow, chunk.firstRow + chunk.rows));
    });
    progress.update(chunk.firstRow + chunk.rows, store.rows);
    await breathe();
  };

  progress.begin('read', 'pairs');
  const makeScorer = (classes: ArrayLike<number>): Promise<ClassScorer> =>
    classScorer(device, Float32Array.from(classes), classes.length / store.dim, store.dim);
  let classes: number;
  let sums: ClassSums;
  let table: EmbeddingTable;
  if (named) {
    classes = named.names.length;
    sums = emptyClassSums(classes, store.dim);
    const scorer = await makeScorer(named.embeddings);
    table = await stopwatch.time('read', () =>
      readStore(store, context, (chunk) => label(chunk, scorer, sums)),
    );
  } else {
    if (source.kind !== 'k-means') throw new Error('classes without names are k-means');
    table = await stopwatch.time('read', () => readStore(store, context, () => breathe()));
    progress.begin('classes', 'iterations');
    const rows = usableRows(table, excluded);
    classes = Math.min(source.count ?? defaultClassCount(rows.length), Math.max(1, rows.length));
    const centroids = await stopwatch.time('classes', () =>
      sphericalKmeans(table, rows, {
        classes,
        seed: source.seed,
        iterations: source.iterations,
        scorer: makeScorer,
        checkpoint: async (done, total) => {
          throwIfCancelled(context);
          progress.update(done, total);
          await breathe();
        },
      }),
    );
    sums = emptyClassSums(classes, store.dim);
    const scorer = await makeScorer(centroids);
    for (let firstRow = 0; firstRow < store.rows; firstRow += 4096) {
      throwIfCancelled(context);
      const count = Math.min(4096, store.rows - firstRow);
      const block = gatherRows(
        table,
        Int32Array.from({ length: count }, (_, i) => firstRow + i),
      );
      await label({ firstRow, rows: count, images: block.images, texts: block.texts, table }, scorer, sums);
    }
  }
  return {
    table,
    labels,
    classes,
    names: named?.names ?? Array.from({ length: classes }, (_, k) => `cluster ${k}`),
    classEmbeddings: named?.embeddings ?? null,
    sums,
    valid,
    exactDuplicates,
    fingerprint: createHash('sha256')
      .update(bytesOf(table.imageScale))
      .update(bytesOf(table.textScale))
      .digest('hex'),
  };
}

function chunkScales(chunk: StoreChunk): { imageScale: Float64Array; textScale: Float64Array } {
  const range = [chunk.firstRow, chunk.firstRow + chunk.rows] as const;
  return {
    imageScale: chunk.table.imageScale.subarray(...range),
    textScale: chunk.table.textScale.subarray(...range),
  };
}

function usableRows(table: EmbeddingTable, excluded: Set<number>): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++)
    if (table.imageScale[row]! > 0 && table.textScale[row]! > 0 && !excluded.has(row)) rows.push(row);
  return Int32Array.from(rows);
}

function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
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
           FROM read_parquet($1, file_row_number = true)`,
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
