import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { PairRows } from '../kernels/pairRows.js';
import { Quantiser } from '../kernels/quantiser.js';
import { createSession, type Device } from './device.js';
import { bestClassesGraph, bestClassesInBytesGraph } from './graphs.js';

/** The highest-scored classes of some images, as far as scores of limited precision tell. */
export interface BestClasses {
  /** Classes listed for each image. */
  top: number;
  /** Scores in a unit of the level's own, highest first, [images, top]. */
  best: Float32Array | Int32Array;
  /** Their classes, [images, top], in every other element: the low halves of 64-bit numbers. */
  which: Int32Array;
  /** Any class that scores this much below the best cannot be the nearest, [images]; in the same unit. */
  margin: Float64Array;
}

/** ⟨v_i, t_k⟩ to a known precision, by one matrix product on the device. */
export interface ScoreLevel {
  score(pairs: PairRows, positions: Int32Array): Promise<BestClasses>;
  release(): Promise<void>;
}

/** Scores in eight bits, of which more or fewer classes can be listed; none at all gives the product up. */
export interface ByteLevel extends ScoreLevel {
  list(classes: number): Promise<void>;
}

/** Classes that a product in float32 lists for an image. */
const TOP = 8;

/** Rows of one product: enough to fill the cores, and scores [rows, classes] that stay in the cache. */
export function rowsPerProduct(classes: number): number {
  return Math.max(64, Math.min(1024, Math.floor(2 ** 21 / classes)));
}

/**
 * Scores in float32. A CPU keeps all 24 bits; other devices may round the factors to 10 (TF32), which the margin allows
 * for. A sum of d products of rounded factors is off by at most (2u + du')·‖row‖·‖t‖, u and u' being the units.
 */
export async function floatLevel(
  device: Device,
  classes: Float64Array,
  classCount: number,
  dim: number,
): Promise<ScoreLevel> {
  const top = Math.min(TOP, classCount);
  const session = await createSession(
    bestClassesGraph(Float32Array.from(classes), classCount, dim, top),
    device,
  );
  const relative = (device.name === 'cpu' ? 0 : 2 ** -10) + (dim + 4) * 2 ** -23;
  const size = longest(classes, dim);
  const images = new Float32Array(rowsPerProduct(classCount) * dim);
  return {
    async score(pairs, positions) {
      const rows = images.subarray(0, positions.length * dim);
      positions.forEach((position, i) => pairs.copyImage(position, rows, i * dim));
      const found = await run(session, new Tensor('float32', rows, [positions.length, dim]));
      const margin = new Float64Array(positions.length);
      for (let i = 0; i < margin.length; i++)
        margin[i] = (2 * relative * size) / pairs.imageScale[positions[i]!]!;
      return { top, ...found, margin };
    },
    release: () => session.release(),
  };
}

/** Bits of a class's numbers: one less than eight, so that no CPU's 16-bit sums of products overflow. */
const CLASS_STEPS = 63;

/**
 * Scores in eight bits: images less their centre μ in steps, classes less their mean in steps. With x = v − μ rounded
 * to x̂ and t′ to t̂, |⟨x,t′⟩ − ⟨x̂,t̂⟩| ≤ ‖x − x̂‖·‖t′‖ + ‖x̂‖·‖t′ − t̂‖: what the rounding lost is known for each image, so
 * the margin is exact and not an estimate. Taking the classes' mean out changes all scores of an image alike. `listed`
 * classes are named for an image: finding more of them costs as much as the product.
 */
export async function byteLevel(
  device: Device,
  classes: Float64Array,
  classCount: number,
  dim: number,
  listed: number,
  sample: { pairs: PairRows; positions: Int32Array },
): Promise<ByteLevel> {
  const { centre, spread } = centreOf(sample.pairs, sample.positions);
  // Four deviations: what lies outside loses more, and its margin says so.
  const steps = 127 / (4 * spread);
  const centred = lessTheirMean(classes, dim);
  let most = 1e-30;
  for (let p = 0; p < centred.length; p++) most = Math.max(most, Math.abs(centred[p]!));
  const step = most / CLASS_STEPS;
  const bytes = new Int8Array(centred.length);
  for (let p = 0; p < centred.length; p++) bytes[p] = Math.round(centred[p]! / step);
  const unit = step / steps;
  const added = new Int32Array(classCount);
  let lostInClasses = 0;
  for (let k = 0; k < classCount; k++) {
    let offset = 0;
    let lost = 0;
    for (let j = 0, p = k * dim; j < dim; j++, p++) {
      offset += centre[j]! * centred[p]!;
      lost += (centred[p]! - bytes[p]! * step) ** 2;
    }
    added[k] = Math.round(offset / unit);
    lostInClasses = Math.max(lostInClasses, Math.sqrt(lost));
  }
  const size = longest(centred, dim);
  let top = 0;
  let session: InferenceSession | null = null;
  async function list(count: number): Promise<void> {
    await session?.release();
    session = null;
    top = Math.min(count, classCount);
    if (top > 0)
      session = await createSession(bestClassesInBytesGraph(bytes, added, classCount, dim, top), device);
  }
  await list(listed);
  const quantiser = new Quantiser(sample.pairs, centre, steps, rowsPerProduct(classCount));
  return {
    async score(_, positions) {
      const { rows, lost, kept } = quantiser.quantise(positions);
      const found = await run(session!, new Tensor('uint8', rows, [positions.length, dim]));
      // The last terms: float32's rounding of x, and of the added whole number.
      const margin = new Float64Array(positions.length);
      for (let i = 0; i < margin.length; i++)
        margin[i] = (2 * ((lost[i]! + 2e-6) * size + kept[i]! * lostInClasses)) / unit + 1;
      return { top, ...found, margin };
    },
    list,
    release: () => list(0),
  };
}

async function run(
  session: InferenceSession,
  rows: Tensor,
): Promise<{ best: Float32Array | Int32Array; which: Int32Array }> {
  const { best, which } = await session.run({ rows });
  const { buffer, byteOffset, length } = which!.data as BigInt64Array;
  return {
    best: best!.data as Float32Array | Int32Array,
    which: new Int32Array(buffer, byteOffset, 2 * length),
  };
}

/** Mean of the unit images, and the root mean square of what is left, over all numbers. */
function centreOf(pairs: PairRows, positions: Int32Array): { centre: Float64Array; spread: number } {
  pairs.clearSums();
  let used = 0;
  for (const position of positions)
    if (pairs.imageScale[position]! > 0 && pairs.textScale[position]! > 0) {
      pairs.addToSums(position);
      used++;
    }
  const centre = pairs.sums.images.map((sum) => sum / Math.max(1, used));
  const square = centre.reduce((sum, value) => sum + value * value, 0);
  // Not less than a thousandth, as for a sample of equal images: the whole number to add must fit 32 bits.
  return { centre, spread: Math.max(1e-3, Math.sqrt(Math.max(0, 1 - square) / pairs.dim)) };
}

function lessTheirMean(rows: Float64Array, dim: number): Float64Array {
  const mean = new Float64Array(dim);
  const count = rows.length / dim;
  for (let k = 0, p = 0; k < count; k++) for (let j = 0; j < dim; j++, p++) mean[j]! += rows[p]! / count;
  const left = rows.slice();
  for (let k = 0, p = 0; k < count; k++) for (let j = 0; j < dim; j++, p++) left[p]! -= mean[j]!;
  return left;
}

function longest(rows: Float64Array, dim: number): number {
  let most = 0;
  for (let at = 0; at < rows.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += rows[at + j]! ** 2;
    most = Math.max(most, Math.sqrt(square));
  }
  return most;
}
