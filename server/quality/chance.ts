import { gatherRows, type EmbeddingTable } from '../rows/pairBlock.js';

const SAMPLE = 4096;
const BLOCK = 512;

/** The median of ⟨image_i, caption_j⟩ over a sample of different pairs, evenly spread; −1 where there are not two. */
export async function chanceScore(
  table: EmbeddingTable,
  rows: Int32Array,
  checkpoint: () => Promise<void>,
): Promise<number> {
  const { length } = rows;
  if (length < 2) return -1;
  const count = Math.min(SAMPLE, length);
  const half = Math.floor(length / 2);
  const images = Int32Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
  const scores: number[] = [];
  for (let first = 0; first < count; first += BLOCK) {
    await checkpoint();
    const own = images.subarray(first, first + BLOCK);
    const left = gatherRows(
      table,
      Array.from(own, (i) => rows[i]!),
    );
    const right = gatherRows(
      table,
      Array.from(own, (i) => rows[(i + half) % length]!),
    );
    for (let i = 0; i < own.length; i++) {
      let sum = 0;
      for (let j = 0, at = i * table.dim; j < table.dim; j++, at++)
        sum += left.images[at]! * right.texts[at]!;
      scores.push(sum * left.imageScale[i]! * right.textScale[i]!);
    }
  }
  return median(scores);
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
