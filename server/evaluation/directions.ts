import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { unitPairs } from '../selection/unitRows.js';
import type { Evaluated } from './evaluated.js';
import { fitLinearClip, type LinearClip } from './linearClip.js';
import { linearRecall, RANK } from './linearRetrieval.js';
import type { MomentArea } from './momentArea.js';
import {
  directionError,
  frobenius,
  relative,
  MomentSums,
  sumMoments,
  type Moments,
  type Origin,
} from './moments.js';
import {
  firstOf,
  leadingSingular,
  spectralNorm,
  subspaceDistance,
  type LeadingSingular,
} from './singular.js';

/** What sets of pairs are measured by once their moments are summed: plain data. */
export interface DirectionSetup {
  area: MomentArea;
  /** Of each set of the area, how many pairs it has. */
  added: Int32Array;
  origin: Origin;
  /** How many leading directions are compared. */
  directions: number;
  heldOut: Int32Array;
  /** Whether the fitted models are wanted. */
  models: boolean;
}

export interface DirectionTask {
  /** The sets of the area that it is made of; null for all pairs. */
  parts: readonly number[] | null;
  /** Those of its pairs that are held out, and whether there are others. */
  among: Int32Array;
  others: boolean;
}

export interface FoundDirections extends Pick<
  Evaluated,
  'covarianceError' | 'spectralError' | 'covarianceDirection' | 'imageSubspace' | 'textSubspace' | 'linear'
> {
  model: LinearClip | null;
}

/** Measures cross-covariances and their leading directions; a thread makes one and uses it for its share of the sets. */
export class Directions {
  private reference: Promise<{ moments: Moments; leading: LeadingSingular; norm: number }> | null = null;
  private units: ReturnType<typeof unitPairs> | null = null;

  constructor(
    private readonly setup: DirectionSetup,
    private readonly table: EmbeddingTable,
    readonly products: Products,
    readonly checkpoint: () => Promise<void>,
  ) {}

  async measure(task: DirectionTask): Promise<FoundDirections> {
    const { setup } = this;
    await this.checkpoint();
    const { moments: full, leading, norm } = await (this.reference ??= this.refer());
    const own = task.parts ? this.sumsOf(task.parts).moments() : full;
    // Those of the pairs that are not held out are found anew, and then the model needs no more of these.
    const rank = task.among.length ? setup.directions : undefined;
    const axes = task.parts ? await this.leading(own, rank) : leading;
    const [ours, theirs] = [axes, leading].map((part) => firstOf(part, setup.directions));
    const apart = (side: 'left' | 'right'): number | null =>
      leading.values.length ? subspaceDistance(ours![side], theirs![side]) : null;
    const difference = own.crossCovariance.slice();
    for (let i = 0; i < difference.length; i++) difference[i]! -= full.crossCovariance[i]!;
    const model = await this.fitted(task, own, axes);
    return {
      covarianceError: relative(frobenius(difference), norm),
      spectralError: relative(task.parts ? await spectralNorm(difference, this) : 0, leading.values[0] ?? 0),
      covarianceDirection: directionError(own.crossCovariance, full.crossCovariance),
      imageSubspace: apart('left'),
      textSubspace: apart('right'),
      linear: model && setup.heldOut.length ? await this.recall(model) : null,
      model: setup.models ? model : null,
    };
  }

  private recall(model: LinearClip): ReturnType<typeof linearRecall> {
    const { table, products, setup } = this;
    this.units ??= unitPairs(table, setup.heldOut);
    return linearRecall(model, { table, heldOut: setup.heldOut, products }, this.units);
  }

  private async refer(): Promise<{ moments: Moments; leading: LeadingSingular; norm: number }> {
    const moments = this.sumsOf([0]).moments();
    const leading = await this.leading(moments);
    return { moments, leading, norm: frobenius(moments.crossCovariance) };
  }

  private sumsOf(parts: readonly number[]): MomentSums {
    const { area, added, origin } = this.setup;
    const sums = new MomentSums(area.dim, origin);
    for (const set of parts) sums.addSums(area.sets[set]!, added[set]!);
    return sums;
  }

  private leading(
    { crossCovariance }: Moments,
    rank = Math.max(RANK, this.setup.directions),
  ): Promise<LeadingSingular> {
    return leadingSingular(crossCovariance, rank, this);
  }

  /** Linear CLIP of the pairs that are not held out; null where none is left to fit on. */
  private async fitted(
    { parts, among, others }: DirectionTask,
    own: Moments,
    axes: LeadingSingular,
  ): Promise<LinearClip | null> {
    if (!others) return null;
    if (among.length === 0) return fitLinearClip(own, firstOf(axes, RANK));
    const { table, products, checkpoint, setup } = this;
    const without = this.sumsOf(parts ?? [0])
      .include(await sumMoments(table, among, setup.origin, products, checkpoint), -1)
      .moments();
    return fitLinearClip(without, await this.leading(without, RANK));
  }
}
