import type { Weights } from '../protocol/selection.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import { nearDuplicates } from '../selection/nearDuplicates.js';
import { addPair, noTotals, type PairTotals } from '../selection/objective.js';
import type { Products } from '../selection/products.js';
import { eachPairTerms, type TermContext } from '../selection/terms.js';
import { CentredSum } from './centredSum.js';
import { CHUNK_ROWS, ClassRows, PIECE_ROWS } from './classRows.js';
import { measureLargeClass } from './largeClass.js';
import { countLargeRepeats, repeatBytes, repeatMemory, type RepeatMemory } from './largeRepeats.js';
import type { MomentArea } from './momentArea.js';
import { MomentShare } from './momentShare.js';
import type { Origin } from './moments.js';
import { ascending, type PickedClass, type PickedOrder } from './pickedClass.js';
import { EPSILON } from './repeats.js';
import { SetSums, type SetFound } from './setSums.js';
import { gramBytes, gramMemory, GRAM_ROWS, type GramMemory } from './classGram.js';
import { measureSmallClass } from './smallClass.js';

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
  /** Pairs that a class has at most. */
  most: number;
  /** Pairs that are in memory at most: a class of more is read a chunk at a time. */
  resident: number;
}

/** Pairs of small classes that the same sets add to those before them, by their rows of the table. */
export interface SetShare {
  sets: readonly number[];
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
  private readonly sums: SetSums;
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
    const { area, most, resident, sets, whole, origin } = setup;
    const ofSets = SetSums.bytesNeeded(dim, sets) + MomentShare.bytesNeeded(area);
    const extra = ofSets + repeatBytes(dim) + gramBytes(most, sets);
    this.rows = new ClassRows(table, Math.min(most, resident), extra, Math.min(GRAM_ROWS, most) + sets);
    const { pairs } = this.rows;
    this.moments = new MomentShare(area, whole, pairs.memory);
    this.sums = new SetSums(pairs, sets, origin);
  }

  /** Adds pairs of small classes, whichever they are: those of one alone would fill little of a product. */
  async addShare({ sets, rows: own }: SetShare): Promise<void> {
    const { rows, products, checkpoint, setup, moments } = this;
    rows.setMeans(setup.origin.image, setup.origin.text);
    const sum = new CentredSum(rows, products, checkpoint);
    // As many as still lie in the cache when they are multiplied.
    for (let first = 0; first < own.length; first += PIECE_ROWS) {
      const piece = own.subarray(first, first + PIECE_ROWS);
      rows.open(piece);
      await sum.addPairs(ascending(piece.length));
    }
    if (sum.take()) for (const set of sets) moments.addMatrix(set, rows.matrices);
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
    for (let k = first; k < end; k++) {
      if (starts[k] === starts[k + 1]) continue;
      await this.checkpoint();
      rows.open(setup.rows.subarray(starts[k], starts[k + 1]));
      const picked = await this.take(k, found);
      const errors = await this.measureClass(k, picked, found);
      found.errors.set(errors, (k - first) * sets);
    }
    return found;
  }

  /** Scores, terms and sums of the pairs of the class that is open, and which sets hold them. */
  private async take(k: number, found: FoundClasses): Promise<PickedClass> {
    const { setup, rows, sums, moments } = this;
    const { sets, terms: context, weights } = setup;
    const { pairs } = rows;
    const { dim } = pairs;
    const start = setup.starts[k]!;
    const size = setup.starts[k + 1]! - start;
    const own = (side: Float64Array): Float64Array => side.subarray(k * dim, (k + 1) * dim);
    const [imageSum, textSum] = [own(context.sums.images), own(context.sums.texts)];
    const scores = setup.scores.subarray(start, start + size);
    const towardsMean = new Float64Array(size);
    const added = new Int32Array(sets);
    sums.begin(imageSum, textSum, size);
    for (let from = 0; from < size; from += CHUNK_ROWS) {
      const which = ascending(Math.min(CHUNK_ROWS, size - from), from);
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
          sums.add(place, set);
        }
      });
    }
    added[0] = size;
    const ofSets = (values: Float64Array | Int32Array): typeof values =>
      values.subarray((k - found.first) * sets, (k - found.first + 1) * sets);
    const counts = ofSets(found.counts) as Int32Array;
    const [imageDistances, textDistances, similarities] = [
      found.imageDistances,
      found.textDistances,
      found.similarities,
    ].map((values) => ofSets(values) as Float64Array);
    const note = (set: number, ofSet: SetFound): void => {
      similarities![set] = ofSet.similarity;
      imageDistances![set] = ofSet.imageDistance;
      textDistances![set] = ofSet.textDistance;
    };
    counts[0] = size;
    note(0, sums.noteAll(imageSum, textSum, size, moments));
    for (const { firstSet, prefixes } of setup.orders)
      for (let set = firstSet; set < firstSet + prefixes; set++) {
        const before = set > firstSet ? set - 1 : null;
        counts[set] = added[set]! + (before === null ? 0 : counts[before]!);
        note(set, sums.note(set, before, added[set]!, counts[set]!, size, moments));
      }
    return {
      ...{ size, imageMean: sums.means.subarray(0, dim), textMean: sums.means.subarray(dim) },
      ...{ scores, towardsMean, counts, added },
      ...{ imageDistances: imageDistances!, textDistances: textDistances! },
      orders: setup.orders.map((order) => pickedOrder(order, start, size, added)),
    };
  }

  private async measureClass(k: number, picked: PickedClass, found: FoundClasses): Promise<Float64Array> {
    const { rows, products, checkpoint, setup, sums, moments } = this;
    const { size, imageMean, textMean } = picked;
    rows.setMeans(imageMean, textMean);
    if (size <= GRAM_ROWS) {
      for (let i = 0; i < size; i++) rows.centre(i, i);
      return measureSmallClass(
        picked,
        sums,
        rows,
        products,
        (this.gram ??= gramMemory(rows.pairs.memory, setup.most, setup.sets)),
        found.repeats,
      );
    }
    const errors = await measureLargeClass(picked, sums, rows, products, checkpoint, moments);
    const work = (this.repeats ??= repeatMemory(rows));
    if (rows.resident) await countLargeRepeats(picked, rows, products, checkpoint, work, found.repeats);
    else await this.countStored(k, picked, found.repeats);
    return errors;
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

/** Of the class whose pairs are from `start` on: which of them each prefix adds. */
function pickedOrder(
  { levels, firstSet, prefixes }: PassSetup['orders'][number],
  start: number,
  size: number,
  added: Int32Array,
): PickedOrder {
  const fresh = Array.from({ length: prefixes }, (_, p) => new Int32Array(added[firstSet + p]!));
  const ends = new Int32Array(prefixes);
  for (let i = 0; i < size; i++) {
    const level = levels[start + i]!;
    if (level !== NO_PREFIX) fresh[level]![ends[level]!++] = i;
  }
  return { firstSet, prefixes, fresh };
}
