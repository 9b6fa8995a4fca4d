import { ClipcovError } from '../errors.js';
import { positionsByClass } from './latentClasses.js';
import { KernelMemory } from '../kernels/kernels.js';
import type { PairRows } from '../kernels/pairRows.js';

/** Sums count in steps of this: exact to 5·10⁻¹³ a pair, with room for 8 million pairs in a class. */
export const UNIT = 2 ** -40;

/** Class sums as whole numbers; a message between threads. */
export interface WholeSums {
  counts: Int32Array;
  /** Images, then texts, each [classes, dim]: bit patterns of whole numbers of 64 bits. */
  values: Float64Array<ArrayBuffer>;
}

/**
 * Class sums of unit rows in whole numbers of 2⁻⁴⁰: adding these is exact, so the sums do not depend on the order of the
 * rows, on how they were cut into blocks, or on how many threads shared them. Lies in the memory of the pairs that it adds.
 */
export class ExactSums {
  private counts: Int32Array;
  private readonly values: Float64Array<ArrayBuffer>;

  /** Bytes that `pairs` must have to spare. */
  static bytesNeeded(classes: number, dim: number): number {
    return 16 * classes * dim + 16;
  }

  constructor(
    private readonly pairs: PairRows,
    private readonly classes: number,
  ) {
    this.counts = new Int32Array(classes);
    this.values = pairs.memory.float64(2 * classes * pairs.dim);
    this.values.fill(0);
  }

  /** Adds the pairs loaded; `labels` are theirs, below 0 for a pair to leave out. */
  add(labels: Int32Array): void {
    const { pairs } = this;
    const { dim, kernels } = pairs;
    const images = this.values.byteOffset;
    const texts = images + 8 * this.classes * dim;
    // By class, so that a class's sums stay in the cache for all of its pairs.
    for (const { k, positions } of positionsByClass(labels, this.classes)) {
      const at = 8 * k * dim;
      this.counts[k]! += positions.length;
      for (let p = 0; p < positions.length; p++) {
        const i = positions[p]!;
        kernels.addPair(
          images + at,
          pairs.image(i),
          pairs.imageScale[i]! / UNIT,
          texts + at,
          pairs.text(i),
          pairs.textScale[i]! / UNIT,
          dim,
        );
      }
    }
  }

  /** The sums since the last time. */
  take(): WholeSums {
    const taken = { counts: this.counts, values: this.values.slice() };
    this.counts = new Int32Array(this.classes);
    this.values.fill(0);
    return taken;
  }
}

/** Pairs of a class whose sums stay below 2⁶³ steps, whatever their rows are. */
const MOST_PAIRS = 2 ** 63 * UNIT - 1;

/** Σ of unit rows by class in float64, from what the threads have summed; [classes, dim] each. */
export function addUp(
  parts: WholeSums[],
  classes: number,
  dim: number,
): { counts: Int32Array; images: Float64Array; texts: Float64Array } {
  const size = 2 * classes * dim;
  const memory = new KernelMemory(2 * 8 * size + 64);
  const total = memory.float64(size);
  const part = memory.float64(size);
  const counts = new Int32Array(classes);
  for (const { counts: own, values } of parts) {
    own.forEach((count, k) => (counts[k]! += count));
    part.set(values);
    memory.addWhole(total.byteOffset, part.byteOffset, size);
  }
  const crowded = counts.findIndex((count) => count > MOST_PAIRS);
  if (crowded >= 0)
    throw new ClipcovError(
      'class-too-large',
      `Latent class ${crowded} has ${counts[crowded]} pairs; class sums are exact for up to ${MOST_PAIRS}.`,
      { fix: 'Give finer classes (--classes, --class-embeddings), or more of them (--kmeans).' },
    );
  memory.wholeToFloat(total.byteOffset, total.byteOffset, UNIT, size);
  return { counts, images: shared(total.subarray(0, size / 2)), texts: shared(total.subarray(size / 2)) };
}

/** A copy in shared memory: threads need the sums next, and get them without another copy. */
function shared(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
