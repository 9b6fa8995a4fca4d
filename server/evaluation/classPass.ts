import type { Weights } from '../protocol/selection.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import { UNIT } from '../selection/exactSums.js';
import { nearDuplicates } from '../selection/nearDuplicates.js';
import { addPair, noTotals, type PairTotals } from '../selection/objective.js';
import type { Products } from '../selection/products.js';
import { eachPairTerms, type TermContext } from '../selection/terms.js';
import { CentredSum } from './centredSum.js';
import { CHUNK_ROWS, ClassRows } from './classRows.js';
import { measureLargeClass } from './largeClass.js';
import { countLargeRepeats, repeatBytes, repeatMemory, type RepeatMemory } from './largeRepeats.js';
import type { AboutClass, MomentArea } from './momentArea.js';
import { MomentShare } from './momentShare.js';
import type { Origin } from './moments.js';
import { ascending, type PickedClass, type PickedOrder } from './pickedClass.js';
import { EPSILON } from './repeats.js';
import { gramBytes, gramMemory, GRAM_ROWS, measureSmallClass, type GramMemory } from './smallClass.js';

/** The level of a pair that no prefix of an order holds. */
export const NO_PREFIX = 255;

/** All that a pass over the classes needs to know: plain data, large arrays in shared memory. */
export interface PassSetup {
  /** The pairs, class after class; those of class k are from starts[k] on. */
  rows: Int32Array;
  starts: Int32Array;
  orders: {
    /** Of each of `rows`: the first prefix that holds it, or NO_PREFIX. */
    levels: Uint8Array;
    firstSet: number;
    prefixes: number;
  }[];
  /** Set 0 is all pairs; then come the prefixes of each order. */
  sets: number;
  /** Sets that hold all pairs: their moments are those of set 0. */
  whole: boolean[];
  terms: TermContext;
  weights: Weights;
  origin: Origin;
  /** Takes what each prefix adds to the one before it. */
  area: MomentArea;
  /** Takes self_e of each of `rows`. */
  scores: Float64Array;
  /** Pairs that one piece of work has at most. */
  most: number;
  /** Pairs that are in memory at most: a class of more is read a chunk at a time. */
  resident: number;
}

/** Some of the pairs of small classes that a set adds to the one before it, by their rows of the table. */
export interface SetShare {
  set: number;
  rows: Int32Array;
}

/** Of the classes from `first` up to `end`, [classes, sets] each. */
export interface FoundClasses {
  first: number;
  end: number;
  counts: Int32Array;
  errors: Float64Array;
  /** ‖μ_k(S) − μ_k(V)‖ */
  imageDistances: Float64Array;
  textDistances: Float64Array;
  /** ⟨Σ_{S_k} v, Σ_{S_k} l⟩ */
  similarities: Float64Array;
  /** Of each set, over these classes. */
  repeats: Int32Array;
  /** Of what each prefix adds. */
  totals: PairTotals[];
}

/** Goes over classes for all sets at once; a thread makes one and uses it for all of its share. */
export class ClassPass {
  private readonly rows: ClassRows;
  /** Sums by set of the class in work, images and texts in turn, in whole numbers. */
  private readonly whole: Float64Array<ArrayBuffer>;
  private readonly moments: MomentShare;
  private gram: GramMemory | null = null;
  private repeats: RepeatMemory | null = null;

  constructor(
    private readonly setup: PassSetup,
    private readonly table: EmbeddingTable,
    private readonly products: Products,
    private readonly checkpoint: () => Promise<void>,
  ) {
    const { dim } = table;
    const { area, most, resident, sets } = setup;
    const extra =
      16 * sets * dim + 16 + repeatBytes(dim) + MomentShare.bytesNeeded(area) + gramBytes(most, sets);
    this.rows = new ClassRows(table, Math.min(most, resident), extra);
    this.moments = new MomentShare(area, this.rows.pairs.memory);
    this.whole = this.rows.pairs.memory.float64(2 * setup.sets * dim);
  }

  /** Adds what a set adds of small classes, whichever they are: one of them alone would fill little of a product. */
  async addShare({ set, rows }: SetShare): Promise<void> {
    for (let first = 0; first < rows.length; first += CHUNK_ROWS) {
      const chunk = rows.subarray(first, first + CHUNK_ROWS);
      this.rows.open(chunk);
      await this.sumPairs(set, ascending(chunk.length));
    }
  }

  /** Adds what was found to the area; nothing of it is there before. */
  end(): void {
    this.moments.end();
  }

  async measure(first: number, end: number): Promise<FoundClasses> {
    const { setup, rows } = this;
    const { sets, starts } = setup;
    const size = (end - first) * sets;
    const found: FoundClasses = {
      ...{ first, end, counts: new Int32Array(size), errors: new Float64Array(size) },
      ...{ imageDistances: new Float64Array(size), textDistances: new Float64Array(size) },
      ...{ similarities: new Float64Array(size), repeats: new Int32Array(sets) },
      totals: Array.from({ length: sets }, noTotals),
    };
    rows.open(setup.rows.subarray(starts[first], starts[end]));
    for (let k = first; k < end; k++) {
      if (starts[k] === starts[k + 1]) continue;
      await this.checkpoint();
      const at = starts[k]! - starts[first]!;
      const { picked, about } = await this.take(k, at, found);
      const errors = await this.measureClass(k, at, picked, about, found);
      found.errors.set(errors, (k - first) * sets);
    }
    // Small classes together; a large one, alone in its piece, has added its own.
    if (starts[first + 1]! - starts[first]! <= GRAM_ROWS)
      await this.sumPairs(0, ascending(starts[end]! - starts[first]!));
    return found;
  }

  /** Scores, terms and sums of a class's pairs, and which sets hold them. */
  private async take(
    k: number,
    at: number,
    found: FoundClasses,
  ): Promise<{ picked: PickedClass; about: AboutClass[] }> {
    const { setup, rows, whole } = this;
    const { sets, terms: context, weights, origin } = setup;
    const { pairs } = rows;
    const { dim, kernels, memory } = pairs;
    const start = setup.starts[k]!;
    const size = setup.starts[k + 1]! - start;
    const scores = setup.scores.subarray(start, start + size);
    const towardsMean = new Float64Array(size);
    const added = new Int32Array(sets);
    whole.fill(0);
    for (let from = 0; from < size; from += CHUNK_ROWS) {
      const which = ascending(Math.min(CHUNK_ROWS, size - from), at + from);
      const places = rows.places(which);
      let next = from;
      eachPairTerms(pairs, places, k, context, weights, (place, terms) => {
        const pair = next++;
        scores[pair] = terms.self;
        towardsMean[pair] = terms.imageOwn / size;
        addPair(found.totals[0]!, terms, weights);
        for (const { levels, firstSet } of setup.orders) {
          const level = levels[start + pair]!;
          if (level === NO_PREFIX) continue;
          const set = firstSet + level;
          added[set]!++;
          addPair(found.totals[set]!, terms, weights);
          const images = whole.byteOffset + 16 * set * dim;
          kernels.addPair(
            images,
            pairs.image(place),
            pairs.imageScale[place]! / UNIT,
            images + 8 * dim,
            pairs.text(place),
            pairs.textScale[place]! / UNIT,
            dim,
          );
        }
      });
    }
    added[0] = size;
    memory.wholeToFloat(whole.byteOffset, whole.byteOffset, UNIT, whole.length);
    const { images, texts } = context.sums;
    whole.set(images.subarray(k * dim, (k + 1) * dim));
    whole.set(texts.subarray(k * dim, (k + 1) * dim), dim);
    const mean = (side: Float64Array): Float64Array =>
      side.slice(k * dim, (k + 1) * dim).map((value) => value / size);
    const [imageMean, textMean] = [mean(images), mean(texts)];
    const means = {
      imageMean: plusScaled(imageMean, -1, origin.image),
      textMean: plusScaled(textMean, -1, origin.text),
    };
    const about = Array.from({ length: sets }, (_, set): AboutClass => {
      const count = added[set]!;
      // Of set 0, all pairs, the sums are zero, whatever rounding says.
      const minus = (from: number, by: Float64Array): Float64Array =>
        set === 0 ? new Float64Array(dim) : plusScaled(whole.subarray(from, from + dim), -count, by);
      return {
        ...{ count, ...means },
        images: minus(2 * set * dim, imageMean),
        texts: minus((2 * set + 1) * dim, textMean),
      };
    });
    for (const [set, { count, images, texts, imageMean, textMean }] of about.entries())
      if (!setup.whole[set])
        this.moments.addVectors(
          set,
          plusScaled(images, count, imageMean),
          plusScaled(texts, count, textMean),
        );
    const orders = setup.orders.map(({ levels, firstSet, prefixes }): PickedOrder => {
      const fresh: number[][] = Array.from({ length: prefixes }, () => []);
      for (let i = 0; i < size; i++) if (levels[start + i]! !== NO_PREFIX) fresh[levels[start + i]!]!.push(i);
      return { firstSet, prefixes, fresh: fresh.map((own) => Int32Array.from(own)) };
    });
    const picked: PickedClass = {
      ...{ size, imageMean, textMean, scores, towardsMean, orders, counts: new Int32Array(sets) },
      ...{ imageDrift: new Float64Array(sets * dim), textDrift: new Float64Array(sets * dim) },
    };
    this.noteSets(k, picked, about, whole, found);
    return { picked, about };
  }

  /** From what prefixes add to what they are: counts, drifts, and what is found by them. */
  private noteSets(
    k: number,
    { size, orders, counts, imageDrift, textDrift }: PickedClass,
    about: readonly AboutClass[],
    sums: Float64Array,
    found: FoundClasses,
  ): void {
    const { sets } = this.setup;
    const { dim } = this.table;
    const note = (set: number): void => {
      const at = (k - found.first) * sets + set;
      const s = counts[set]!;
      let similarity = 0;
      for (let j = 2 * set * dim; j < (2 * set + 1) * dim; j++) similarity += sums[j]! * sums[j + dim]!;
      const length = (drift: Float64Array): number => {
        let square = 0;
        for (let j = set * dim; j < (set + 1) * dim; j++) square += drift[j]! ** 2;
        return Math.sqrt(square);
      };
      found.counts[at] = s;
      found.similarities[at] = similarity;
      found.imageDistances[at] = length(imageDrift);
      found.textDistances[at] = length(textDrift);
    };
    counts[0] = size;
    note(0);
    for (const { firstSet, prefixes } of orders)
      for (let set = firstSet; set < firstSet + prefixes; set++) {
        const before = set > firstSet ? set - 1 : null;
        const { count, images, texts } = about[set]!;
        counts[set] = count + (before === null ? 0 : counts[before]!);
        const s = counts[set]!;
        const past = before === null ? 0 : counts[before]!;
        for (let j = 0; j < dim; j++) {
          const [own, earlier] = [set * dim + j, (set - 1) * dim + j];
          if (before !== null) {
            sums[2 * set * dim + j]! += sums[2 * before * dim + j]!;
            sums[(2 * set + 1) * dim + j]! += sums[(2 * before + 1) * dim + j]!;
          }
          // All pairs of a class do not drift, whatever rounding says.
          if (s === 0 || s === size) continue;
          imageDrift[own] = (images[j]! + (past ? past * imageDrift[earlier]! : 0)) / s;
          textDrift[own] = (texts[j]! + (past ? past * textDrift[earlier]! : 0)) / s;
        }
        note(set);
      }
  }

  private async measureClass(
    k: number,
    at: number,
    picked: PickedClass,
    about: readonly AboutClass[],
    found: FoundClasses,
  ): Promise<Float64Array> {
    const { rows, products, checkpoint, setup } = this;
    const { size, imageMean, textMean } = picked;
    rows.setMeans(imageMean, textMean);
    if (size <= GRAM_ROWS) {
      for (let i = 0; i < size; i++) rows.centre(at + i, i);
      return measureSmallClass(
        picked,
        rows,
        products,
        (this.gram ??= gramMemory(rows.pairs.memory, setup.most, setup.sets)),
        found.repeats,
      );
    }
    // A class of so many pairs is opened alone: its pairs are numbered as in the class.
    const errors = await measureLargeClass(picked, rows, products, checkpoint, (set) => {
      if (!setup.whole[set]) this.add(set, about[set]!);
    });
    const work = (this.repeats ??= repeatMemory(rows));
    if (rows.resident) await countLargeRepeats(picked, rows, products, checkpoint, work, found.repeats);
    else await this.countStored(k, picked, found.repeats);
    return errors;
  }

  /** Adds the sum of the matrices, which is about the means of a class. */
  private add(set: number, { count, images, texts, imageMean, textMean }: AboutClass): void {
    const { matrices } = this.rows;
    const all = plusScaled(texts, count, textMean);
    // Σ (ṽ + a)(l̃ + b)ᵀ = Σ ṽl̃ᵀ + (Σṽ)·bᵀ + a·(Σl̃ + n·b)ᵀ
    matrices.addTwoProducts(images, textMean, imageMean, all);
    this.moments.addMatrix(set, matrices);
  }

  /** Adds pairs that are open, about the origin, to what a set adds. */
  private async sumPairs(set: number, pairs: Int32Array): Promise<void> {
    const { rows, products, checkpoint } = this;
    const { image, text } = this.setup.origin;
    rows.setMeans(image, text);
    const sum = new CentredSum(rows, products, checkpoint);
    await sum.addPairs(pairs);
    if (await sum.take()) this.moments.addMatrix(set, rows.matrices);
  }

  /** Repeats of a class that does not come into memory, set by set. */
  private async countStored(
    k: number,
    { size, orders, counts }: PickedClass,
    repeats: Int32Array,
  ): Promise<void> {
    const { table, products, checkpoint, setup } = this;
    const start = setup.starts[k]!;
    const count = async (set: number, pairs: Int32Array): Promise<void> => {
      const rows = pairs.map((pair) => setup.rows[start + pair]!);
      repeats[set]! += (await nearDuplicates(table, [rows], EPSILON, products, checkpoint)).length;
    };
    await count(0, ascending(size));
    for (const { firstSet, fresh } of orders) {
      let pairs = new Int32Array(0);
      for (const [p, own] of fresh.entries()) {
        const joined = new Int32Array(counts[firstSet + p]!);
        joined.set(pairs);
        joined.set(own, pairs.length);
        pairs = joined;
        await count(firstSet + p, pairs);
      }
    }
  }
}

/** values + factor·others; a loop, since `map` takes ten times as long. */
function plusScaled(values: Float64Array, factor: number, others: Float64Array): Float64Array {
  const sum = new Float64Array(values.length);
  for (let j = 0; j < values.length; j++) sum[j] = values[j]! + factor * others[j]!;
  return sum;
}
