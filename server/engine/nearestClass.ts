import type { PairRows } from '../kernels/pairRows.js';
import { byteLevel, floatLevel, rowsPerProduct, type ByteLevel, type ScoreLevel } from './classScores.js';
import type { Device } from './device.js';

/**
 * The latent class of every pair: argmax_k ⟨v_i, t_k⟩, ties to the lowest k, exactly. Scores of limited precision name
 * the few classes that can be the nearest, and where they name more than one, products in float64 decide; so the answer
 * is the same on every device, in every precision and batch. On a CPU a product in eight bits comes first, then one in
 * float32 for the images that it leaves open.
 */
export class NearestClass {
  private readonly levels: ScoreLevel[] = [];
  /** t_k, [classes, dim], in the memory of the pairs. */
  private readonly exact: Float64Array;
  private bytes: ByteLevel | null = null;
  /** How many classes a product in eight bits lists; 0 once such products decide too little. */
  private listed = 2;
  private asked = 0;
  private left = 0;

  /** Bytes that `pairs` must have to spare. */
  static bytesNeeded(classes: number, dim: number): number {
    return classes * dim * 8 + rowsPerProduct(classes) * dim + 4 * dim + 256;
  }

  constructor(
    private readonly device: Device,
    private readonly classes: Float64Array,
    private readonly classCount: number,
    private readonly pairs: PairRows,
  ) {
    this.exact = pairs.memory.float64(classes.length);
    this.exact.set(classes);
  }

  /** k(i) of the pairs at `positions`, into `labels` there. `check` throws to cancel. */
  async label(positions: Int32Array, labels: Int32Array, check: () => void): Promise<void> {
    const size = rowsPerProduct(this.classCount);
    for (let first = 0; first < positions.length; first += size) {
      check();
      await this.labelSome(positions.subarray(first, first + size), labels);
    }
  }

  async release(): Promise<void> {
    for (const level of [...this.levels, ...(this.bytes ? [this.bytes] : [])]) await level.release();
  }

  private async labelSome(positions: Int32Array, labels: Int32Array): Promise<void> {
    let open = positions;
    if (this.device.name === 'cpu' && this.listed > 0) {
      open = await this.decide(await this.byteProduct(positions), positions, labels);
      this.asked += positions.length;
      this.left += open.length;
      await this.adapt();
    }
    if (open.length === 0) return;
    this.levels[0] ??= await floatLevel(this.device, this.classes, this.classCount, this.pairs.dim);
    open = await this.decide(this.levels[0], open, labels);
    for (const position of open) labels[position] = this.nearestOf(position, null);
  }

  private async byteProduct(positions: Int32Array): Promise<ByteLevel> {
    const { device, classes, classCount, pairs, listed } = this;
    return (this.bytes ??= await byteLevel(device, classes, classCount, pairs.dim, listed, {
      pairs,
      positions,
    }));
  }

  /** Lists more classes where two leave many images open, and goes without where four leave half: they save nothing. */
  private async adapt(): Promise<void> {
    const few = this.listed === 2;
    if (this.asked < 512 || (few ? 16 : 2) * this.left <= this.asked) return;
    this.listed = few ? 4 : 0;
    await this.bytes?.list(this.listed);
    this.asked = this.left = 0;
  }

  /** Labels what the level's scores decide, with float64 among the classes that are left; answers with the rest. */
  private async decide(level: ScoreLevel, positions: Int32Array, labels: Int32Array): Promise<Int32Array> {
    const { top, best, which, margin } = await level.score(this.pairs, positions);
    const open: number[] = [];
    const few: number[] = [];
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      const least = best[i * top]! - margin[i]!;
      let count = 1;
      while (count < top && best[i * top + count]! >= least) count++;
      if (count === 1) labels[position] = which[2 * i * top]!;
      else if (count === top && top < this.classCount) open.push(position);
      else {
        few.length = 0;
        for (let c = 0; c < count; c++) few.push(which[2 * (i * top + c)]!);
        labels[position] = this.nearestOf(position, few);
      }
    }
    return Int32Array.from(open);
  }

  /** By products in float64, among the given classes or all. */
  private nearestOf(position: number, among: number[] | null): number {
    const { kernels, dim } = this.pairs;
    const row = this.pairs.image(position);
    let nearest = -1;
    let highest = -Infinity;
    const count = among ? among.length : this.classCount;
    for (let c = 0; c < count; c++) {
      const k = among ? among[c]! : c;
      const score = kernels.dot(row, this.exact.byteOffset + 8 * k * dim, dim);
      if (score > highest || (score === highest && k < nearest)) {
        highest = score;
        nearest = k;
      }
    }
    return nearest;
  }
}
