import type { PairBlock } from '../rows/pairBlock.js';
import { countByClass } from '../selection/latentClasses.js';
import type { EvaluationContext } from './evaluated.js';
import { MomentSums, sumMoments } from './moments.js';
import type { ClassBlock } from './subsetPass.js';

/** Prefixes of one order of rows; `sizes` ascend, the last one is all of them. */
export interface NestedSubset {
  rows: Int32Array;
  sizes: readonly number[];
  /** self_e of each row. */
  clipScores: Float64Array;
}

/** What one pass over the classes finds out about one prefix. */
export interface PassedSubset {
  /** Null for all pairs, whose sums the pass has anyway. */
  sums: MomentSums | null;
  classCovarianceError: number;
  duplicateRate: number;
}

/** One order of picks during the pass: its picks by class, and what is known so far of each prefix. */
export class TrackedSubset {
  /** Places of the picks among the members of their class, in the order of the picks. */
  readonly picks: Int32Array[];
  /** self_e of them. */
  readonly clipScores: Float64Array[];
  /** |S_k| of every prefix. */
  private readonly counts: Int32Array[];
  /** Of the rows between one size and the next. */
  private readonly between: MomentSums[];
  private readonly errors: Float64Array;
  private readonly repeats: Float64Array;

  constructor(
    private readonly subset: NestedSubset,
    /** Place of each row of the table among the members of its class. */
    places: Int32Array,
    private readonly context: EvaluationContext,
  ) {
    const { table, labels, members, origin } = context;
    const { rows, sizes, clipScores } = subset;
    this.counts = sizes.map((size) => countByClass(labels, rows.subarray(0, size), members.length));
    const picked = countByClass(labels, rows, members.length);
    this.picks = Array.from(picked, (count) => new Int32Array(count));
    this.clipScores = Array.from(picked, (count) => new Float64Array(count));
    const filled = new Int32Array(members.length);
    rows.forEach((row, i) => {
      const k = labels[row]!;
      const at = filled[k]!++;
      this.picks[k]![at] = places[row]!;
      this.clipScores[k]![at] = clipScores[i]!;
    });
    this.between = sizes.map(() => new MomentSums(table.dim, origin));
    this.errors = new Float64Array(sizes.length);
    this.repeats = new Float64Array(sizes.length);
  }

  has(k: number): boolean {
    return this.picks[k]!.length > 0;
  }

  /** How many picks of a class each prefix has. */
  countsOf(k: number): number[] {
    return this.counts.map((counts) => counts[k]!);
  }

  private isWhole(s: number): boolean {
    return this.subset.sizes[s] === this.context.all.length;
  }

  /** Adds the picks of the classes of a block; `loaded` are its rows minus the origin, where they are in memory. */
  async sumBlock({ first, end, rows }: ClassBlock, loaded: PairBlock | null): Promise<void> {
    const { table, members, products, origin, checkpoint } = this.context;
    for (const [s, sums] of this.between.entries()) {
      // All pairs: their sums are there anyway, and to the bit those that everything is compared with.
      if (this.isWhole(s)) continue;
      const places: number[] = [];
      for (let k = first, start = 0; k < end; start += members[k++]!.length)
        for (let at = s ? this.counts[s - 1]![k]! : 0; at < this.counts[s]![k]!; at++)
          places.push(start + this.picks[k]![at]!);
      if (places.length === 0) continue;
      // Ascending, so that a result does not depend on the order of the picks.
      const fresh = Int32Array.from(places).sort();
      if (loaded)
        await sums.add(
          takeRows(loaded.images, fresh, table.dim),
          takeRows(loaded.texts, fresh, table.dim),
          products,
        );
      else {
        const picked = fresh.map((place) => rows[place]!);
        sums.include(await sumMoments(table, picked, origin, products, checkpoint));
      }
    }
  }

  /** Takes down what was found of a class; null where nobody has a pick of it. */
  note(k: number, found: { errors: readonly number[]; repeats: readonly number[] } | null): void {
    const size = this.context.members[k]!.length;
    for (let s = 0; s < this.errors.length; s++) {
      // One pair has no covariance: there is nothing to be near to.
      if (size > 1) this.errors[s]! += size * (found ? found.errors[s]! : 1);
      this.repeats[s]! += found ? found.repeats[s]! : 0;
    }
  }

  /** `measured` is how many pairs the classes have that a covariance error is taken of. */
  prefixes(measured: number): PassedSubset[] {
    let before: MomentSums | null = null;
    return this.subset.sizes.map((size, s) => {
      const sums: MomentSums = before ? before.copy().include(this.between[s]!) : this.between[s]!;
      before = sums;
      return {
        sums: this.isWhole(s) ? null : sums,
        classCovarianceError: measured ? this.errors[s]! / measured : 0,
        duplicateRate: this.repeats[s]! / Math.max(1, size),
      };
    });
  }
}

function takeRows(rows: Float32Array, places: Int32Array, dim: number): Float32Array {
  const taken = new Float32Array(places.length * dim);
  places.forEach((place, i) => taken.set(rows.subarray(place * dim, (place + 1) * dim), i * dim));
  return taken;
}
