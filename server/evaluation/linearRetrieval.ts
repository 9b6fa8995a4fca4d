import { Random } from '../selection/random.js';
import { unitPairs } from '../selection/unitRows.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { inForm, mapRows, type LinearClip, type LinearForm } from './linearClip.js';
import { diagonalRanks, shareWithin } from './ranking.js';

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

/** How well a linear CLIP retrieves the held-out pairs, in both forms; `units` are their unit rows. */
export async function linearRecall(
  model: LinearClip,
  { table, heldOut, products }: { table: EmbeddingTable; heldOut: Int32Array; products: Products },
  { images, texts } = unitPairs(table, heldOut),
): Promise<Record<LinearForm, LinearRecall>> {
  const { rank } = model;
  const count = heldOut.length;
  const centred = new Float64Array(images.length);
  const [mappedImages, mappedTexts] = [
    await mapRows(images, 'image', model, products, centred),
    await mapRows(texts, 'text', model, products, centred),
  ];
  const scores = new Float32Array(count ** 2);
  const recall = async (form: LinearForm): Promise<LinearRecall> => {
    const [left, right] = [inForm(mappedImages, rank, form), inForm(mappedTexts, rank, form)];
    // A model without directions scores all alike.
    if (rank) await products.cross(left, right, rank, scores);
    const { ofRows, ofColumns } = diagonalRanks(scores, count);
    return { text: recallsOf(ofRows), image: recallsOf(ofColumns) };
  };
  return { cosine: await recall('cosine'), plain: await recall('plain') };
}

function recallsOf(ranks: Float64Array): Record<number, number> {
  return Object.fromEntries(RECALL_AT.map((k) => [k, shareWithin(ranks, k)]));
}
