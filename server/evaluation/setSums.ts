import type { PairRows } from '../kernels/pairRows.js';
import { UNIT } from '../selection/exactSums.js';
import type { AboutClass, Origin } from './moments.js';
import type { MomentShare } from './momentShare.js';

type Values = Float64Array<ArrayBuffer>;

/** What is found of a set by the sums of its pairs of a class. */
export interface SetFound {
  /** ⟨Σ v, Σ l⟩ */
  similarity: number;
  /** ‖μ(S) − μ(V)‖ of either side. */
  imageDistance: number;
  textDistance: number;
}

/**
 * Sums by set of the pairs of one class, in the memory of the kernels; used for one class after another. Arrays of sets hold
 * images, then texts of each, [sets, 2, dim]. Set 0 is all pairs.
 */
export class SetSums {
  /** μ_v and μ_l of the class, one behind the other. */
  readonly means: Values;
  /** δ = mean of the picks − mean of the class, zero of no picks and of all pairs. */
  readonly drifts: Values;
  /** In whole numbers: of what a set adds to the one before it, of all that it has once it is noted. */
  private readonly whole: Values;
  /** Σ of what a set adds, minus as many means. */
  private readonly apart: Values;
  private readonly origin: Values;
  /** The means minus the origin. */
  private readonly centres: Values;
  private readonly out: Values;

  constructor(
    private readonly pairs: PairRows,
    sets: number,
    origin: Origin,
  ) {
    const { dim, memory } = pairs;
    const sides = (count: number): Values => memory.float64(2 * dim * count);
    [this.whole, this.drifts, this.apart] = [sides(sets), sides(sets), sides(sets)];
    [this.means, this.centres, this.origin] = [sides(1), sides(1), sides(1)];
    this.out = memory.float64(3);
    this.origin.set(origin.image);
    this.origin.set(origin.text, dim);
  }

  static bytesNeeded(dim: number, sets: number): number {
    return 8 * 2 * dim * (3 * sets + 3) + 8 * 3 + 7 * 16;
  }

  /** Begins a class of `size` pairs, whose sums are known. */
  begin(imageSum: Float64Array, textSum: Float64Array, size: number): void {
    const { means, centres, origin, whole, pairs } = this;
    means.set(imageSum);
    means.set(textSum, pairs.dim);
    for (let j = 0; j < means.length; j++) {
      means[j]! /= size;
      centres[j] = means[j]! - origin[j]!;
    }
    whole.fill(0);
  }

  /** Adds the pair at a place to what a set adds. */
  add(place: number, set: number): void {
    const { pairs, whole } = this;
    const { dim, kernels } = pairs;
    const images = whole.byteOffset + 16 * set * dim;
    const [imageScale, textScale] = [pairs.imageScale[place]! / UNIT, pairs.textScale[place]! / UNIT];
    kernels.addPair(
      images,
      pairs.image(place),
      imageScale,
      images + 8 * dim,
      pairs.text(place),
      textScale,
      dim,
    );
  }

  /** Takes all pairs of the class for done: their sums are known, and do not drift, whatever rounding says. */
  noteAll(imageSum: Float64Array, textSum: Float64Array, size: number, moments: MomentShare): SetFound {
    const { dim } = this.pairs;
    const [target, { whole }] = [moments.vectors(0), moments.area];
    let similarity = 0;
    for (let j = 0; j < dim; j++) {
      similarity += imageSum[j]! * textSum[j]!;
      target[j]! += imageSum[j]! - size * this.origin[j]! + whole - whole;
      target[dim + j]! += textSum[j]! - size * this.origin[dim + j]! + whole - whole;
    }
    return { similarity, imageDistance: 0, textDistance: 0 };
  }

  /**
   * Takes what a set adds, `added` pairs, for done, and adds it to its moments. The set has `count` of the class's `size` pairs, those of
   * the set `before` among them.
   */
  note(
    set: number,
    before: number | null,
    added: number,
    count: number,
    size: number,
    moments: MomentShare,
  ): SetFound {
    const { pairs, whole, out } = this;
    const drifts = count > 0 && count < size;
    const bytes = 16 * pairs.dim;
    pairs.memory.noteSet(
      whole.byteOffset + set * bytes,
      before === null ? 0 : whole.byteOffset + before * bytes,
      UNIT,
      added,
      drifts ? 1 / count : 0,
      drifts ? 1 : 0,
      this.means.byteOffset,
      this.origin.byteOffset,
      this.apart.byteOffset + set * bytes,
      this.drifts.byteOffset + set * bytes,
      moments.vectors(set).byteOffset,
      moments.area.whole,
      pairs.dim,
      out.byteOffset,
    );
    return { similarity: out[0]!, imageDistance: Math.sqrt(out[1]!), textDistance: Math.sqrt(out[2]!) };
  }

  /** What is added of a set, about the means of the class; valid until the next class. */
  about(set: number, count: number): AboutClass {
    const [images, texts] = this.sides(this.apart, set);
    const [imageMean, textMean] = this.sides(this.centres, 0);
    return { count, images, texts, imageMean, textMean };
  }

  /** δ_v and δ_l */
  driftsOf(set: number): [image: Values, text: Values] {
    return this.sides(this.drifts, set);
  }

  private sides(values: Values, set: number): [image: Values, text: Values] {
    const { dim } = this.pairs;
    const side = (at: number): Values => values.subarray(at * dim, (at + 1) * dim);
    return [side(2 * set), side(2 * set + 1)];
  }
}
