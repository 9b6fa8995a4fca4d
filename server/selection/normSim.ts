import { ClipcovError } from '../errors.js';
import { candidates } from './baselines.js';
import { largestScores } from './byScore.js';
import type { SelectionInput, SelectionOrder, TargetSet } from './selectionInput.js';
import { unitImages } from './unitRows.js';

const BLOCK_ROWS = 1024;

/**
 * NormSim (arXiv 2405.19547): ‖(⟨v_e, x⟩) over the target images x‖_p, how well a pair's image is spanned by images of
 * the tasks to come. p = 2 needs Σ x xᵀ only, [d, d]; p = ∞ is the nearest target. The largest are taken.
 */
export async function selectNormSim(input: SelectionInput): Promise<SelectionOrder> {
  const { target, table } = input;
  if (!target)
    throw new ClipcovError('target-missing', 'norm-sim needs the embeddings of a target set.', {
      fix: 'Give them with --target FILE.npy (images of the tasks that the model is for, by the same model).',
    });
  const rows = candidates(input.labels);
  const scores = new Float64Array(rows.length);
  const gram = target.norm === '2' ? await gramMatrix(input, target) : null;
  for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
    await input.checkpoint(first, rows.length);
    const images = unitImages(table, rows.subarray(first, first + BLOCK_ROWS));
    scores.set(gram ? await spanned(input, images, gram) : await nearest(input, images, target), first);
  }
  return largestScores(rows, scores, input.budget);
}

/** Σ x xᵀ over the target, [d, d]. */
async function gramMatrix({ products, table }: SelectionInput, { images }: TargetSet): Promise<Float32Array> {
  const { dim } = table;
  const gram = new Float64Array(dim * dim);
  for (let at = 0; at < images.length; at += BLOCK_ROWS * dim) {
    const block = images.subarray(at, at + BLOCK_ROWS * dim);
    const part = await products.outer(block, block);
    for (let i = 0; i < gram.length; i++) gram[i]! += part[i]!;
  }
  return Float32Array.from(gram);
}

/** √(vᵀ G v) of each image. */
async function spanned(
  { products, table }: SelectionInput,
  images: Float32Array,
  gram: Float32Array,
): Promise<Float64Array> {
  const { dim } = table;
  const mapped = await products.cross(images, gram);
  const scores = new Float64Array(images.length / dim);
  for (let i = 0, at = 0; i < scores.length; i++) {
    let sum = 0;
    for (let j = 0; j < dim; j++, at++) sum += images[at]! * mapped[at]!;
    scores[i] = Math.sqrt(Math.max(0, sum));
  }
  return scores;
}

/** max ⟨v, x⟩ of each image over the target. */
async function nearest(
  { products, table, check }: SelectionInput,
  images: Float32Array,
  target: TargetSet,
): Promise<Float64Array> {
  const scores = new Float64Array(images.length / table.dim).fill(-Infinity);
  for (let at = 0; at < target.images.length; at += BLOCK_ROWS * table.dim) {
    check();
    const found = await products.rowMaxima(
      images,
      target.images.subarray(at, at + BLOCK_ROWS * table.dim),
      false,
    );
    for (let i = 0; i < scores.length; i++) scores[i] = Math.max(scores[i]!, found[i]!);
  }
  return scores;
}
