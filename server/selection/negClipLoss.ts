import { RowGatherer } from '../rows/pairBlock.js';
import { candidates } from './baselines.js';
import { largestScores } from './byScore.js';
import { clipScores } from './clipScores.js';
import { Random } from './random.js';
import type { Products } from './products.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';

/** How the score is taken; the defaults are the paper's but for the number of shuffles. */
export interface NegClipLossOptions {
  /** T of the softmax. */
  temperature: number;
  /** Pairs of a batch at most. */
  batchRows: number;
  /** K: how many random partitions into batches are averaged over. */
  shuffles: number;
  /** Block of a batch's similarities that one call of the engine reduces. */
  blockImages: number;
  blockTexts: number;
}

const DEFAULTS: NegClipLossOptions = {
  temperature: 0.01,
  batchRows: 32_768,
  shuffles: 1,
  blockImages: 1024,
  blockTexts: 4096,
};

/**
 * The negative CLIP loss of each pair among random others (arXiv 2405.19547):
 * self_e − ½T(log Σ_j exp(⟨v_e,l_j⟩/T) + log Σ_j exp(⟨v_j,l_e⟩/T)) over its batch, averaged over K shuffles. So a pair
 * whose image or caption agrees with everything scores less than its CLIP score says. The largest are taken, ties to
 * the lowest row; gains are the scores. The block products are float32, the rest float64: a score is within 1e-6.
 */
export async function selectNegClipLoss(
  input: SelectionInput,
  options: Partial<NegClipLossOptions> = {},
): Promise<SelectionOrder> {
  const scores = await negClipLoss(input, options);
  const rows = candidates(input.labels);
  const own = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) own[i] = scores[rows[i]!]!;
  return largestScores(rows, own, input.budget);
}

/** The score of every candidate, by row; 0 for the other rows. */
export async function negClipLoss(
  input: SelectionInput,
  changes: Partial<NegClipLossOptions> = {},
): Promise<Float64Array> {
  const options = { ...DEFAULTS, ...changes };
  const { table } = input;
  const rows = candidates(input.labels);
  const scores = new Float64Array(table.rows);
  const self = await clipScores(table, rows, async () => input.check());
  for (let i = 0; i < rows.length; i++) scores[rows[i]!] = self[i]!;
  const tools: BatchTools = {
    gatherer: new RowGatherer(table),
    products: input.products,
    options,
    onBlock: async (images) => {
      done += images;
      await input.checkpoint(done / options.shuffles, rows.length);
    },
  };
  let done = 0;
  const share = options.temperature / (2 * options.shuffles);
  for (const batch of batches(rows, options, input.seed)) {
    const { ofImage, ofText } = await batchLogSums(batch, tools);
    batch.forEach((row, i) => (scores[row]! -= share * (ofImage[i]! + ofText[i]!)));
  }
  return scores;
}

/**
 * Random partitions of the rows, one after another. Batches of a partition are as equal as can be: full ones with a
 * small rest would hand the rest better scores, since a sum over fewer pairs is smaller.
 */
export function* batches(
  rows: Int32Array,
  { batchRows, shuffles }: Pick<NegClipLossOptions, 'batchRows' | 'shuffles'>,
  seed: number,
): Generator<Int32Array> {
  const random = new Random(seed);
  const count = Math.ceil(rows.length / batchRows);
  for (let shuffle = 0; shuffle < shuffles; shuffle++) {
    const shuffled = random.sample(rows, rows.length);
    for (let b = 0; b < count; b++)
      yield shuffled.subarray(
        Math.floor((b * rows.length) / count),
        Math.floor(((b + 1) * rows.length) / count),
      );
  }
}

interface BatchTools {
  gatherer: RowGatherer;
  products: Products;
  options: NegClipLossOptions;
  /** Called between blocks with how many more images of the batch are done. */
  onBlock: (images: number) => Promise<void>;
}

/** log Σ_j exp(⟨v_e,l_j⟩/T) and log Σ_j exp(⟨v_j,l_e⟩/T) over the batch; its matrix is only ever there in blocks. */
async function batchLogSums(
  batch: Int32Array,
  { gatherer, products, options, onBlock }: BatchTools,
): Promise<{ ofImage: Float64Array; ofText: Float64Array }> {
  const { dim, images, texts, imageScale, textScale } = gatherer.gather(batch);
  toUnit(images, imageScale, dim);
  toUnit(texts, textScale, dim);
  const ofImage = new Float64Array(batch.length).fill(-Infinity);
  const ofText = new Float64Array(batch.length).fill(-Infinity);
  for (let first = 0; first < batch.length; first += options.blockImages) {
    const left = images.subarray(first * dim, (first + options.blockImages) * dim);
    for (let other = 0; other < batch.length; other += options.blockTexts) {
      const right = texts.subarray(other * dim, (other + options.blockTexts) * dim);
      const found = await products.exponentialSums(left, right, 1 / options.temperature);
      merge(ofImage, first, found.leftMax, found.leftSum);
      merge(ofText, other, found.rightMax, found.rightSum);
      await onBlock(0);
    }
    await onBlock(left.length / dim);
  }
  return { ofImage, ofText };
}

/** Adds exp(max)·sum of a block to the log-sums from `first` on, without leaving the logarithms. */
function merge(logSums: Float64Array, first: number, max: Float32Array, sum: Float32Array): void {
  for (let i = 0; i < max.length; i++) {
    const block = max[i]! + Math.log(sum[i]!);
    const known = logSums[first + i]!;
    const high = Math.max(known, block);
    logSums[first + i] = high + Math.log1p(Math.exp(Math.min(known, block) - high));
  }
}

function toUnit(rows: Float32Array, scale: Float64Array, dim: number): void {
  for (let i = 0, at = 0; i < scale.length; i++) for (let j = 0; j < dim; j++, at++) rows[at]! *= scale[i]!;
}
