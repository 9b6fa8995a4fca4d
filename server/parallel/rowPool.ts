import { createHash } from 'node:crypto';
import { RowFiles } from '../embeddings/rowFiles.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { areHalf } from '../rows/storedRows.js';
import type { FoundClasses, PassSetup } from '../evaluation/classPass.js';
import type { FoundDirections } from '../evaluation/directions.js';
import type { RunDirections } from '../evaluation/evaluateSubset.js';
import type { RunPass } from '../evaluation/subsetPass.js';
import type { WholeSums } from '../selection/exactSums.js';
import type { Device } from '../engine/device.js';
import type { Weights } from '../protocol/selection.js';
import { blockRows, blocksOf, CACHED_ROWS, type Block } from '../selection/blocks.js';
import { classSums, type ClassSums } from '../selection/crossCovariance.js';
import type { ClassOrder } from '../selection/greedy.js';
import { NO_CLASS } from '../selection/latentClasses.js';
import { objectiveOf, type MeasuredBlock, type MeasuredRows } from '../selection/objective.js';
import type { Passes } from '../selection/passes.js';
import { lowerTo, noProducts, type LeastProducts, type TableTerms } from '../selection/tableTerms.js';
import type { TermContext } from '../selection/terms.js';
import type { HeldRows, ReadBlock, RowAnswer, RowSetup, RowTask, SharedTable } from './rowTasks.js';
import { TaskPool } from './taskPool.js';

/** Where the bundles lie; from sources the thread's script is found in the built product. */
const SCRIPT = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/rowWorker.js' : './rowWorker.js',
  import.meta.url,
);

/** Less than this is not worth reading for a class. */
export const LEAST_CLASS_BYTES = 64 * 2 ** 20;

export interface RowPoolOptions {
  threads: number;
  /** Bytes that the classes in work may take together. */
  classBytes: number;
  cancelled: () => boolean;
}

/** Goes over the rows of a store with all threads: reading, classifying, and the passes of ClipCov. */
export class RowPool {
  /** The store's rows as this thread sees them; scales are filled in by `read`. */
  readonly table: EmbeddingTable;
  /** k(i), [rows]; filled in by `read` with classes. */
  readonly labels: Int32Array;
  private readonly pool: TaskPool<RowSetup, RowTask, RowAnswer>;
  private readonly threads: number;
  private readonly classBytes: number;
  private held = false;

  constructor(
    store: EmbeddingStore,
    private readonly device: Device,
    options: RowPoolOptions,
  ) {
    const { rows, dim, parts } = store;
    const half = parts.every(({ images, texts }) => images.type === 'f2' && texts.type === 'f2');
    const shared: SharedTable = {
      rows,
      dim,
      half,
      images: parts.map(({ firstRow, images: matrix }) => ({ firstRow, matrix })),
      texts: parts.map(({ firstRow, texts: matrix }) => ({ firstRow, matrix })),
      imageScale: sharedFloats(rows),
      textScale: sharedFloats(rows),
    };
    this.table = {
      ...shared,
      images: new RowFiles(shared.images, dim, half),
      texts: new RowFiles(shared.texts, dim, half),
    };
    this.labels = new Int32Array(new SharedArrayBuffer(4 * rows)).fill(NO_CLASS);
    // A thread takes longer to start than a few thousand rows take.
    this.threads = Math.max(1, Math.min(options.threads, Math.ceil(rows / 4096)));
    this.classBytes = options.classBytes;
    const setup = { table: shared, classBytes: Math.floor(this.classBytes / this.threads) };
    this.pool = new TaskPool(SCRIPT, this.threads, setup, options.cancelled);
  }

  /** What `classify` is to mean: unit class embeddings [classes, dim]. */
  async setClasses(classes: Float64Array, classCount: number): Promise<void> {
    const device: Device = { ...this.device, threads: 1 };
    await this.pool.broadcast({
      kind: 'classes',
      device,
      classes: share(classes),
      classCount,
      labels: this.labels,
    });
  }

  /**
   * Reads every row: 1/norm, and a checksum over all values in the order of the rows, however the store is cut into
   * parts; with `classes` also the labels of the rows that `excluded` does not name, and the class sums.
   */
  async read(
    classes: number | null,
    excluded: Int32Array,
    onProgress: (rows: number) => Promise<void>,
  ): Promise<{ checksum: string; sums: ClassSums | null }> {
    const { rows, dim } = this.table;
    // Smaller ones than the terms': what is read is summed by class while it is still near the core.
    const blocks = this.blocks(rows, 4);
    const left = excluded.length ? new Uint8Array(new SharedArrayBuffer(rows)) : null;
    for (const row of excluded) left![row] = 1;
    const checksums = new Array<Uint32Array>(blocks.length);
    let done = 0;
    await this.pool.run(
      lazily(blocks, (block) => ({ kind: 'read', ...block, classify: classes !== null, excluded: left })),
      async (answer, i) => {
        checksums[i] = (answer as ReadBlock).checksums;
        done += blocks[i]!.count;
        await onProgress(done);
      },
    );
    const sums = classes === null ? null : await this.takeSums(classes);
    const digest = createHash('sha256');
    for (const part of checksums) digest.update(part);
    return { checksum: `${rows}x${dim}-${digest.digest('hex').slice(0, 16)}`, sums };
  }

  /** Class sums of the given rows, each in the class of its nearest centroid. */
  async nearestSums(centroids: Float64Array, rows: Int32Array): Promise<ClassSums> {
    const classes = centroids.length / this.table.dim;
    await this.setClasses(centroids, classes);
    await this.pool.run(
      lazily(this.blocks(rows.length), ({ first, count }) => ({
        kind: 'nearest',
        rows: rows.slice(first, first + count),
      })),
      async () => undefined,
    );
    return this.takeSums(classes);
  }

  /** F of any rows with its terms, their CLIP scores in the order given, and their class sums. */
  async measure(
    rows: Int32Array,
    labels: Int32Array,
    context: TermContext,
    weights: Weights,
  ): Promise<MeasuredRows> {
    await this.setContext(context, labels, weights, null);
    const order = rows.map((_, i) => i).sort((a, b) => rows[a]! - rows[b]!);
    const clipScores = new Float64Array(rows.length);
    const blocks = this.blocks(rows.length);
    const measured = new Array<MeasuredBlock>(blocks.length);
    await this.pool.run(
      lazily(blocks, ({ first, count }) => ({
        kind: 'measure',
        rows: order.subarray(first, first + count).map((i) => rows[i]!),
      })),
      async (answer, i) => {
        const block = (measured[i] = answer as MeasuredBlock);
        block.scores.forEach((score, j) => (clipScores[order[blocks[i]!.first + j]!] = score));
      },
    );
    const picked = await this.takeSums(context.sums.classes);
    return { objective: objectiveOf(measured, picked, context, weights), clipScores, picked };
  }

  /** The passes of ClipCov over this table. */
  passes(onProgress: (done: number, total: number) => Promise<void>): Passes {
    return {
      terms: async (context, labels, weights) => {
        const { rows } = this.table;
        const into = {
          attraction: sharedFloats(rows),
          cross: sharedFloats(rows),
          self: sharedFloats(rows),
          label: sharedFloats(rows),
        };
        const terms: TableTerms = { ...into, ...noProducts(context.sums.classes) };
        await this.setContext(context, labels, weights, into);
        const blocks = this.blocks(rows);
        let done = 0;
        await this.pool.run(
          lazily(blocks, (block) => ({ kind: 'terms', ...block })),
          async (answer, i) => {
            lowerTo(terms, answer as LeastProducts);
            done += blocks[i]!.count;
            await onProgress(done, rows);
          },
        );
        return terms;
      },
      greedy: async (tasks, onOrder) => {
        const bound = sharedFloats(1).fill(-Infinity);
        // The largest first, so that no thread is left alone with one at the end.
        const order = [...tasks.keys()].sort((a, b) => tasks[b]!.rows.length - tasks[a]!.rows.length);
        await this.pool.run(
          lazily(order, (task) => ({ kind: 'greedy', task: tasks[task]!, bound })),
          async (answer, i) => {
            bound[0] = await onOrder(order[i]!, answer as ClassOrder);
          },
        );
      },
    };
  }

  /**
   * Brings all rows into memory that all threads share, where they take no more than the bytes given: for whoever goes over
   * them again and again. A row out of a file costs a call of the system, even where the file is cached.
   */
  async hold(mostBytes: number): Promise<void> {
    const { table } = this;
    const { rows, dim } = table;
    const half = areHalf(table.images) && areHalf(table.texts);
    const bytes = rows * dim * (half ? 2 : 4);
    if (2 * bytes > mostBytes || this.held) return;
    const side = (): Uint16Array | Float32Array =>
      half ? new Uint16Array(new SharedArrayBuffer(bytes)) : new Float32Array(new SharedArrayBuffer(bytes));
    const held: HeldRows = { images: side(), texts: side() };
    await this.pool.run(
      lazily(this.blocks(rows), (block) => ({ kind: 'copy', ...block, into: held })),
      async () => undefined,
    );
    // What is held is no longer there for classes, which are nearer now.
    const left = Math.max(LEAST_CLASS_BYTES, this.classBytes - 2 * bytes);
    await this.pool.broadcast({ kind: 'hold', rows: held, classBytes: Math.floor(left / this.threads) });
    for (const name of ['images', 'texts'] as const) {
      const from = table[name];
      if (from instanceof RowFiles) from.close();
      table[name] = held[name];
    }
    this.held = true;
  }

  /** Goes over classes for an evaluation. */
  async measureClasses(...[setup, ranges, shares, onFound]: Parameters<RunPass>): Promise<void> {
    const device: Device = { ...this.device, threads: 1 };
    const shared: PassSetup = { ...setup, terms: shareContext(setup.terms) };
    await this.pool.broadcast({ kind: 'pass', setup: shared, device });
    await this.pool.run(
      [
        ...ranges.map((range) => ({ kind: 'measureClasses' as const, ...range })),
        ...shares.map((share) => ({ kind: 'addShare' as const, ...share })),
      ],
      async (answer) => {
        if (answer) await onFound(answer as FoundClasses);
      },
    );
    await this.pool.broadcast({ kind: 'pass', setup: null, device });
  }

  /** Measures sets of pairs by the moments that such a pass summed. */
  async measureDirections(...[setup, tasks, onFound]: Parameters<RunDirections>): Promise<void> {
    const device: Device = { ...this.device, threads: 1 };
    await this.pool.broadcast({ kind: 'directions', setup, device });
    await this.pool.run(
      lazily([...tasks], (task) => ({ kind: 'measureDirections', task })),
      (answer, i) => onFound(answer as FoundDirections, i),
    );
    await this.pool.broadcast({ kind: 'directions', setup: null, device });
  }

  /** Pieces of work: a part of a block, or less where there would not be one for each thread. */
  private blocks(rows: number, part = 1): Block[] {
    const share = CACHED_ROWS * Math.ceil(rows / (4 * this.threads * CACHED_ROWS));
    const largest = CACHED_ROWS * Math.ceil(blockRows(this.table) / (part * CACHED_ROWS));
    return blocksOf(rows, Math.max(1, Math.min(largest, share)));
  }

  private async takeSums(classes: number): Promise<ClassSums> {
    const parts = await this.pool.broadcast({ kind: 'takeSums' });
    return classSums(parts as WholeSums[], classes, this.table.dim);
  }

  private async setContext(
    context: TermContext,
    labels: Int32Array,
    weights: Weights,
    into: Omit<TableTerms, keyof LeastProducts> | null,
  ): Promise<void> {
    await this.pool.broadcast({
      kind: 'context',
      context: shareContext(context),
      labels: labels === this.labels ? labels : shareLabels(labels),
      weights,
      into,
    });
  }

  async close(): Promise<void> {
    await this.pool.close();
    for (const side of [this.table.images, this.table.texts]) if (side instanceof RowFiles) side.close();
  }
}

/** Tasks made when a thread is free for them: made all at once they would fill the memory. */
function* lazily<T>(items: T[], task: (item: T) => RowTask): Generator<RowTask> {
  for (const item of items) yield task(item);
}

function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}

function share(values: Float64Array): Float64Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const shared = sharedFloats(values.length);
  shared.set(values);
  return shared;
}

function shareLabels(labels: Int32Array): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(4 * labels.length));
  shared.set(labels);
  return shared;
}

function shareContext(context: TermContext): TermContext {
  const { sums } = context;
  return {
    ...context,
    sums: { ...sums, images: share(sums.images), texts: share(sums.texts) },
    otherImages: share(context.otherImages),
    otherTexts: share(context.otherTexts),
    classEmbeddings: context.classEmbeddings && share(context.classEmbeddings),
  };
}
