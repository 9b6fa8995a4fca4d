import { crc32 } from 'node:zlib';
import { Cancelled } from '../errors.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import { readStored } from '../rows/storedRows.js';
import { RowFiles } from '../embeddings/rowFiles.js';
import type { Device } from '../engine/device.js';
import { NearestClass } from '../engine/nearestClass.js';
import { EngineProducts } from '../engine/products.js';
import { ClassPass } from '../evaluation/classPass.js';
import { Directions } from '../evaluation/directions.js';
import { ExactSums } from '../selection/exactSums.js';
import type { PairRows } from '../kernels/pairRows.js';
import { blockFor, CACHED_ROWS } from '../selection/blocks.js';
import { ClassPairs } from '../selection/classPairs.js';
import { greedyOrder, type ClassOrder, type ClassTask } from '../selection/greedy.js';
import { NO_CLASS } from '../selection/latentClasses.js';
import { measureBlock, type MeasuredBlock } from '../selection/objective.js';
import { blockTerms, type LeastProducts } from '../selection/tableTerms.js';
import type { ReadBlock, RowAnswer, RowSetup, RowTask } from './rowTasks.js';

type Given<Kind extends RowTask['kind']> = Extract<RowTask, { kind: Kind }>;

/** One thread's share of the work on rows: blocks of the table, or whole classes. */
export class RowThread {
  private readonly table: EmbeddingTable;
  /** The rows in work, and behind them what finding their classes takes. */
  private block: PairRows | null = null;
  private blockEnd = 0;
  private classSums: ExactSums | null = null;
  private classPairs: ClassPairs | null = null;
  private classes: Given<'classes'> | null = null;
  private nearest: NearestClass | null = null;
  private context: Given<'context'> | null = null;
  private products: EngineProducts | null = null;
  private pass: ClassPass | null = null;
  private directions: Directions | null = null;

  constructor(
    private readonly setup: RowSetup,
    private readonly cancelled: () => boolean,
  ) {
    const { table } = setup;
    this.table = {
      ...table,
      images: new RowFiles(table.images, table.dim, table.half),
      texts: new RowFiles(table.texts, table.dim, table.half),
    };
  }

  async perform(task: RowTask): Promise<RowAnswer> {
    this.check();
    switch (task.kind) {
      case 'classes':
        await this.setClasses(task);
        return null;
      case 'context':
        this.context = task;
        return null;
      case 'read':
        return this.read(task);
      case 'nearest':
        return this.nearestSums(task);
      case 'takeSums':
        return this.sums(this.pairs()).take();
      case 'terms':
        return this.terms(task);
      case 'measure':
        return this.measure(task);
      case 'greedy':
        return this.greedy(task.task, task.bound);
      case 'copy':
        return this.copy(task);
      case 'hold':
        Object.assign(this.table, task.rows);
        this.setup.classBytes = task.classBytes;
        return null;
      case 'pass':
        await this.setPass(task);
        return null;
      case 'measureClasses':
        return this.pass!.measure(task.first, task.end);
      case 'addShare':
        await this.pass!.addShare(task);
        return null;
      case 'directions':
        await this.setDirections(task);
        return null;
      case 'measureDirections':
        return this.directions!.measure(task.task);
    }
  }

  async release(): Promise<void> {
    await this.nearest?.release();
    await this.products?.release();
    for (const side of [this.table.images, this.table.texts]) if (side instanceof RowFiles) side.close();
  }

  private check(): void {
    if (this.cancelled()) throw new Cancelled();
  }

  /** Keeps the block where as many classes were set before: kernel memories are scarce. */
  private async setClasses(task: Given<'classes'>): Promise<void> {
    await this.nearest?.release();
    this.nearest = null;
    if (this.classes?.classCount === task.classCount) this.block?.memory.rewind(this.blockEnd);
    else this.block = null;
    this.classSums = null;
    this.classes = task;
  }

  private sums(pairs: PairRows): ExactSums {
    return (this.classSums ??= new ExactSums(pairs, this.classes!.classCount));
  }

  private pairs(): PairRows {
    if (this.block) return this.block;
    const { classes, table } = this;
    const extra = classes
      ? NearestClass.bytesNeeded(classes.classCount, table.dim) +
        ExactSums.bytesNeeded(classes.classCount, table.dim)
      : 0;
    this.block = blockFor(table, table.rows, extra);
    this.blockEnd = this.block.memory.mark;
    return this.block;
  }

  private async read({ first, count, classify, excluded }: Given<'read'>): Promise<ReadBlock> {
    const pairs = this.pairs();
    const { classes } = this;
    const labels = classify && classes ? classes.labels.subarray(first, first + count) : null;
    labels?.fill(NO_CLASS);
    const checksums: number[] = [];
    for (let at = 0; at < count; at += CACHED_ROWS) {
      const rows = Math.min(CACHED_ROWS, count - at);
      pairs.loadRange(first + at, rows, at);
      for (const side of ['images', 'texts'] as const) {
        const { buffer, byteOffset, byteLength } = pairs[side].subarray(
          at * pairs.dim,
          (at + rows) * pairs.dim,
        );
        checksums.push(crc32(new Uint8Array(buffer, byteOffset, byteLength)));
      }
      const usable = scaleRows(pairs, first, at);
      if (labels)
        await this.label(
          pairs,
          usable.filter((position) => !excluded?.[first + position]),
          labels,
        );
    }
    if (labels) this.sums(pairs).add(labels);
    return { checksums: Uint32Array.from(checksums) };
  }

  private async nearestSums({ rows }: Given<'nearest'>): Promise<null> {
    const pairs = this.pairs();
    pairs.load(rows);
    const labels = new Int32Array(rows.length);
    await this.label(pairs, Int32Array.from(rows.keys()), labels);
    this.sums(pairs).add(labels);
    return null;
  }

  private async label(pairs: PairRows, positions: Int32Array, labels: Int32Array): Promise<void> {
    const { device, classes, classCount } = this.classes!;
    this.nearest ??= new NearestClass(device, classes, classCount, pairs);
    await this.nearest.label(positions, labels, () => this.check());
  }

  private terms({ first, count }: Given<'terms'>): LeastProducts {
    const { context, labels, weights, into } = this.context!;
    const pairs = this.pairs();
    pairs.loadRange(first, count);
    return blockTerms(pairs, first, labels.subarray(first, first + count), context, weights, into!);
  }

  private measure({ rows }: Given<'measure'>): MeasuredBlock {
    const { context, labels, weights } = this.context!;
    const pairs = this.pairs();
    pairs.load(rows);
    const own = rows.map((row) => labels[row]!);
    this.sums(pairs).add(own);
    return measureBlock(pairs, own, context, weights);
  }

  private copy({ first, count, into }: Given<'copy'>): null {
    const { dim } = this.table;
    for (const side of ['images', 'texts'] as const)
      readStored(this.table[side], first, count, into[side], first, dim);
    return null;
  }

  private async setPass({ setup, device }: Given<'pass'>): Promise<void> {
    this.pass?.end();
    const products = await this.renewed(setup && device);
    this.pass = setup && new ClassPass(setup, this.table, products!, async () => this.check());
  }

  private async setDirections({ setup, device }: Given<'directions'>): Promise<void> {
    const products = await this.renewed(setup && device);
    this.directions = setup && new Directions(setup, this.table, products!, async () => this.check());
  }

  private async renewed(device: Device | null): Promise<EngineProducts | null> {
    await this.products?.release();
    return (this.products = device && new EngineProducts(device, this.table.dim));
  }

  private greedy(task: ClassTask, bound: Float64Array): ClassOrder {
    const { table, setup } = this;
    // Kept from class to class: a class that needs more reads some of its pairs more than once.
    this.classPairs ??= new ClassPairs(
      table,
      Math.floor(Math.min(table.rows, setup.classBytes / (2 * table.dim * (setup.table.half ? 2 : 4)))),
    );
    return greedyOrder(
      this.classPairs,
      task,
      () => bound[0]!,
      () => this.check(),
    );
  }
}

/**
 * Fills in 1/norm of the pairs from position `from` on, in the table too, and answers with the positions of the usable
 * ones; 0 marks a row that is all zero, NaN or infinite.
 */
function scaleRows(pairs: PairRows, first: number, from: number): Int32Array {
  const usable = new Int32Array(pairs.count - from);
  const { kernels, dim, table, imageScale, textScale } = pairs;
  const scale = (row: number): number => {
    const square = kernels.square(row, dim);
    return square > 0 && Number.isFinite(square) ? 1 / Math.sqrt(square) : 0;
  };
  let count = 0;
  for (let i = from; i < pairs.count; i++) {
    imageScale[i] = table.imageScale[first + i] = scale(pairs.image(i));
    textScale[i] = table.textScale[first + i] = scale(pairs.text(i));
    if (imageScale[i]! > 0 && textScale[i]! > 0) usable[count++] = i;
  }
  return usable.subarray(0, count);
}
