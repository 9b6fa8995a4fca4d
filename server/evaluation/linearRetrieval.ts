import { Random } from '../selection/random.js';
import { unitPairs } from '../selection/unitRows.js';
import type { EvaluationContext } from './evaluated.js';
import { inForm, mapRows, type LinearClip, type LinearForm } from './linearClip.js';
import { bestPositiveRanks, shareWithin } from './ranking.js';

export const RECALL_AT = [1, 5, 10] as const;
export const LINEAR_FORMS: readonly LinearForm[] = ['cosine', 'plain'];

/** recall@k of held-out pairs among each other: the caption of an image, and the image of a caption. */
export interface LinearRecall {
  text: Record<number, number>;
  image: Record<number, number>;
}

/** r of the fit. */
export const RANK = 64;
const HELD_OUT = 1000;

/** Pairs that linear CLIP is tried on and never fitted on: at most a fifth of all, by the seed, ascending. */
export function heldOutPairs(all: Int32Array, seed: number): Int32Array {
  return sampleOf(all, seed, Math.floor(all.length / 5));
}

/** As many of the rows as are compared with each other, by the seed, ascending. */
export function sampleOf(rows: Int32Array, seed: number, most = rows.length): Int32Array {
  return new Random(seed).sample(rows, Math.min(HELD_OUT, most)).sort();
}

/** The rows that are not held out; both ascend or not, the order stays. */
export function withoutHeldOut(rows: Int32Array, heldOut: Int32Array): Int32Array {
  const out = new Set(heldOut);
  return rows.filter((row) => !out.has(row));
}

/** How well a linear CLIP retrieves the held-out pairs, in both forms. */
export async function linearRecall(
  model: LinearClip,
  { table, heldOut, products }: Pick<EvaluationContext, 'table' | 'heldOut' | 'products'>,
): Promise<Record<LinearForm, LinearRecall>> {
  const { images, texts } = unitPairs(table, heldOut);
  const mapped = {
    image: await mapRows(images, 'image', model, products),
    text: await mapRows(texts, 'text', model, products),
  };
  const recall = async (form: LinearForm): Promise<LinearRecall> => {
    const rows = (side: 'image' | 'text'): Float32Array =>
      widened(inForm(mapped[side], model.rank, form), heldOut.length, table.dim);
    const [left, right] = [rows('image'), rows('text')];
    return {
      text: recallsOf(await products.cross(left, right), heldOut.length),
      image: recallsOf(await products.cross(right, left), heldOut.length),
    };
  };
  return { cosine: await recall('cosine'), plain: await recall('plain') };
}

function recallsOf(scores: Float32Array, count: number): Record<number, number> {
  const ranks = bestPositiveRanks(scores, count, (row) => [row]);
  return Object.fromEntries(RECALL_AT.map((k) => [k, shareWithin(ranks, k)]));
}

/** Rows [count, r] with zeros behind, [count, dim]: the engine's products are of one width, and these are the same. */
function widened(rows: Float32Array, count: number, dim: number): Float32Array {
  const rank = count ? rows.length / count : 0;
  const wide = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) wide.set(rows.subarray(i * rank, (i + 1) * rank), i * dim);
  return wide;
}
