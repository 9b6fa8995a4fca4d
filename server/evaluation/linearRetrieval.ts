import { Random } from '../selection/random.js';
import { unitPairs } from '../selection/unitRows.js';
import type { EvaluationContext } from './evaluated.js';
import type { LinearClip, LinearForm } from './linearClip.js';
import { bestPositiveRanks, shareWithin } from './ranking.js';
import { seenBy } from './view.js';

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
  const recall = async (form: LinearForm): Promise<LinearRecall> => {
    const view = seenBy(model, form, products);
    const [left, right] = [await view(images, 'image'), await view(texts, 'text')];
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
