import { RowGatherer, type PairBlock } from '../rows/pairBlock.js';
import { nearDuplicates } from '../selection/nearDuplicates.js';
import { ClassCovariance, countRepeats, type ClassGram } from './classGram.js';
import type { EvaluationContext } from './evaluated.js';
import { MomentSums, relativeError, shifted, sumMoments, type Origin } from './moments.js';
import { TrackedSubset, type NestedSubset, type PassedSubset } from './trackedSubset.js';

/** Rows that are gathered at once: whole classes, so that each row is read once for all subsets. */
const BLOCK_ROWS = 8192;
/** Up to so many pairs, products of all with all cost less than a [dim, dim] matrix for each subset. */
const GRAM_ROWS = 1536;
/** A pick repeats a better-scored one of its class if the cosine of their images is above 1 − ε. */
const EPSILON = 0.05;

/**
 * Goes over the classes once for all subsets: the sums behind the cross-covariance of all pairs and of every prefix, the
 * covariance error by class (Σ_k n_k·‖C_{S_k} − C_{V_k}‖/‖C_{V_k}‖ over Σ n_k, where a class without picks counts 1), and
 * near-duplicates among the picks.
 */
export async function passOverClasses(
  subsets: readonly NestedSubset[],
  context: EvaluationContext,
): Promise<{ full: MomentSums; found: PassedSubset[][] }> {
  const { table, members, products, origin, checkpoint } = context;
  const places = new Int32Array(table.rows);
  for (const rows of members) rows.forEach((row, i) => (places[row] = i));
  const tracked = subsets.map((subset) => new TrackedSubset(subset, places, context));
  const full = new MomentSums(table.dim, origin);
  const gatherer = new RowGatherer(table);
  for (let first = 0; first < members.length;) {
    const block = blockOfClasses(members, first);
    await checkpoint();
    // A class larger than a block does not come into memory: its subsets are summed on their own.
    const loaded = block.rows.length > BLOCK_ROWS ? null : shifted(gatherer.gather(block.rows), origin);
    if (loaded) await full.add(loaded.images, loaded.texts, products);
    else full.include(await sumMoments(table, block.rows, origin, products, checkpoint));
    for (const subset of tracked) {
      await checkpoint();
      await subset.sumBlock(block, loaded);
    }
    for (let k = first, start = 0; k < block.end; start += members[k++]!.length) {
      if (!tracked.some((subset) => subset.has(k))) for (const subset of tracked) subset.note(k, null);
      else if (loaded && members[k]!.length <= GRAM_ROWS)
        await measureByGram(k, start, loaded, tracked, context);
      else await measureByMatrix(k, tracked, context);
    }
    first = block.end;
  }
  const measured = members.reduce((sum, rows) => sum + (rows.length > 1 ? rows.length : 0), 0);
  return { full, found: tracked.map((subset) => subset.prefixes(measured)) };
}

export interface ClassBlock {
  first: number;
  end: number;
  /** The rows of these classes, one class after another. */
  rows: Int32Array;
}

function blockOfClasses(members: readonly Int32Array[], first: number): ClassBlock {
  let end = first + 1;
  let size = members[first]!.length;
  while (end < members.length && size + members[end]!.length <= BLOCK_ROWS) size += members[end++]!.length;
  const rows = new Int32Array(size);
  for (let k = first, at = 0; k < end; at += members[k++]!.length) rows.set(members[k]!, at);
  return { first, end, rows };
}

/** Products of all pairs of a class, once for all subsets. `start` is its place in the loaded block. */
async function measureByGram(
  k: number,
  start: number,
  loaded: PairBlock,
  tracked: readonly TrackedSubset[],
  { terms: { sums }, members, origin, products, checkpoint }: EvaluationContext,
): Promise<void> {
  const { dim } = sums;
  const size = members[k]!.length;
  const centred = (
    rows: Float32Array,
    side: Float64Array,
    from: Float64Array,
  ): [Float32Array, Float64Array] => {
    const mean = meanOf(side, sums.counts[k]!, k, dim);
    const own = rows.slice(start * dim, (start + size) * dim);
    for (let i = 0, p = 0; i < size; i++) for (let j = 0; j < dim; j++, p++) own[p]! += from[j]! - mean[j]!;
    return [own, mean];
  };
  const [images, mean] = centred(loaded.images, sums.images, origin.image);
  const [texts] = centred(loaded.texts, sums.texts, origin.text);
  const towardsMean = new Float64Array(size);
  for (let i = 0, p = 0; i < size; i++)
    for (let j = 0; j < dim; j++, p++) towardsMean[i]! += images[p]! * mean[j]!;
  const gram: ClassGram = {
    size,
    images: await products.cross(images, images),
    texts: await products.cross(texts, texts),
    towardsMean,
    meanSquare: mean.reduce((sum, x) => sum + x * x, 0),
  };
  const covariance = new ClassCovariance(gram);
  for (const subset of tracked) {
    await checkpoint();
    const counts = subset.countsOf(k);
    const picks = subset.picks[k]!;
    const repeats = counts.map((count) =>
      countRepeats(gram, picks.subarray(0, count), subset.clipScores[k]!, Math.fround(1 - EPSILON)),
    );
    subset.note(k, { errors: covariance.errors(picks, counts), repeats });
  }
}

/** The same for a class of many pairs, by its [dim, dim] matrices. */
async function measureByMatrix(
  k: number,
  tracked: readonly TrackedSubset[],
  context: EvaluationContext,
): Promise<void> {
  const { table, members, terms, products, checkpoint } = context;
  const { dim, counts, images, texts } = terms.sums;
  const origin: Origin = {
    image: meanOf(images, counts[k]!, k, dim),
    text: meanOf(texts, counts[k]!, k, dim),
  };
  const all = members[k]!;
  const full = (await sumMoments(table, all, origin, products, checkpoint)).moments().crossCovariance;
  for (const subset of tracked) {
    const errors: number[] = [];
    const repeats: number[] = [];
    const sums = new MomentSums(dim, origin);
    let taken = 0;
    for (const count of subset.countsOf(k)) {
      const rows = subset.picks[k]!.subarray(0, count).map((place) => all[place]!);
      repeats.push((await nearDuplicates(table, [rows], EPSILON, products, checkpoint)).length);
      if (count === 0 || count === all.length) {
        errors.push(count === 0 ? 1 : 0);
        continue;
      }
      const fresh = subset.picks[k]!.subarray(taken, count).map((place) => all[place]!);
      sums.include(await sumMoments(table, fresh, origin, products, checkpoint));
      taken = count;
      errors.push(relativeError(sums.moments().crossCovariance, full) ?? 0);
    }
    subset.note(k, { errors, repeats });
  }
}

function meanOf(sums: Float64Array, count: number, k: number, dim: number): Float64Array {
  return sums.slice(k * dim, (k + 1) * dim).map((value) => value / Math.max(1, count));
}
