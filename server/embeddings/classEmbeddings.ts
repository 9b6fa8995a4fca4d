import { BatchSize } from './batchSize.js';
import type { Encoder } from './encoder.js';

const BATCH = 64;

/**
 * Embeds captions of any length: equal captions once, batches of one length (no padding, so that no embedding depends
 * on its neighbours). Rows [captions, dim] in the order given. `onBatch` is awaited between batches.
 */
export async function encodeCaptions(
  encoder: Pick<Encoder, 'texts' | 'tokenize'>,
  captions: string[],
  dim: number,
  onBatch: (encoded: number) => Promise<void>,
  batchSize = new BatchSize(BATCH),
): Promise<Float32Array> {
  const positions = new Map<string, number[]>();
  captions.forEach((caption, i) => {
    const known = positions.get(caption);
    if (known) known.push(i);
    else positions.set(caption, [i]);
  });
  const byLength = new Map<number, { tokens: number[]; rows: number[] }[]>();
  for (const [caption, rows] of positions) {
    const tokens = encoder.tokenize(caption);
    const same = byLength.get(tokens.length);
    if (same) same.push({ tokens, rows });
    else byLength.set(tokens.length, [{ tokens, rows }]);
  }
  const embeddings = new Float32Array(captions.length * dim);
  for (const group of [...byLength.entries()].sort(([a], [b]) => a - b).map(([, entries]) => entries)) {
    for (let first = 0; first < group.length;) {
      const batch = group.slice(first, first + batchSize.size);
      first += batch.length;
      const tokens = batch.map((entry) => entry.tokens);
      const start = performance.now();
      const rows = await encoder.texts(tokens);
      batchSize.took(batch.length, batch.length * tokens[0]!.length, performance.now() - start);
      batch.forEach((entry, i) => {
        for (const row of entry.rows) embeddings.set(rows.subarray(i * dim, (i + 1) * dim), row * dim);
      });
      await onBatch(batch.length);
    }
  }
  return embeddings;
}

/** t_k, [names, dim] in float64: the mean of the unit embeddings of a name's prompts, normalised. */
export async function embedClassNames(
  encoder: Pick<Encoder, 'texts' | 'tokenize'>,
  names: string[],
  templates: string[],
  dim: number,
  onBatch: (encoded: number) => Promise<void>,
): Promise<Float64Array> {
  const prompts = names.flatMap((name) => templates.map((template) => template.replaceAll('{}', () => name)));
  const rows = await encodeCaptions(encoder, prompts, dim, onBatch);
  const embeddings = new Float64Array(names.length * dim);
  for (let k = 0; k < names.length; k++)
    for (let t = 0; t < templates.length; t++)
      for (let j = 0; j < dim; j++) embeddings[k * dim + j]! += rows[(k * templates.length + t) * dim + j]!;
  normaliseRows(embeddings, dim);
  return embeddings;
}

/** Divides each row by its norm in place; a zero row stays zero. */
export function normaliseRows(rows: Float64Array, dim: number): void {
  for (let at = 0; at < rows.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += rows[at + j]! ** 2;
    if (square > 0) for (let j = 0; j < dim; j++) rows[at + j]! /= Math.sqrt(square);
  }
}
