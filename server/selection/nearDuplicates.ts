import { gatherRows, type EmbeddingTable } from '../embeddings/pairBlock.js';
import { clipScores } from './clipScores.js';

/** Finds (i, j), flattened, with ⟨left_i, right_j⟩ above a threshold; made by the engine. */
export type SimilarPairs = (
  left: Float32Array,
  right: Float32Array,
  threshold: number,
) => Promise<Int32Array>;

const BLOCK_ROWS = 1024;

/**
 * The rows to drop as near-duplicates: inside a class, best CLIP score first, a pair is dropped if the cosine of its
 * image to a kept one is above 1 − ε. So the best-scored copy stays. Never an n×n matrix: blocks of 1,024 rows.
 */
export async function nearDuplicates(
  table: EmbeddingTable,
  members: Int32Array[],
  epsilon: number,
  similarPairs: SimilarPairs,
  checkpoint: (done: number, total: number) => Promise<void>,
): Promise<Int32Array> {
  const dropped: number[] = [];
  let done = 0;
  for (const rows of members) {
    await checkpoint(done, table.rows);
    done += rows.length;
    if (rows.length < 2) continue;
    const scores = await clipScores(table, rows, async () => undefined);
    const ordered = Int32Array.from(rows.keys())
      .sort((a, b) => scores[b]! - scores[a]! || a - b)
      .map((i) => rows[i]!);
    const kept = new Uint8Array(ordered.length).fill(1);
    for (let first = 0; first < ordered.length; first += BLOCK_ROWS) {
      const block = unitImages(table, ordered.subarray(first, first + BLOCK_ROWS));
      const better: number[][] = Array.from({ length: block.length / table.dim }, () => []);
      for (let other = 0; other <= first; other += BLOCK_ROWS) {
        const earlier =
          other === first ? block : unitImages(table, ordered.subarray(other, other + BLOCK_ROWS));
        const pairs = await similarPairs(block, earlier, 1 - epsilon);
        const count = pairs.length / 2;
        for (let p = 0; p < count; p++)
          if (other + pairs[count + p]! < first + pairs[p]!)
            better[pairs[p]!]!.push(other + pairs[count + p]!);
        await checkpoint(done, table.rows);
      }
      better.forEach((earlier, i) => {
        if (earlier.some((position) => kept[position])) {
          kept[first + i] = 0;
          dropped.push(ordered[first + i]!);
        }
      });
    }
  }
  return Int32Array.from(dropped).sort();
}

function unitImages(table: EmbeddingTable, rows: Int32Array): Float32Array {
  const block = gatherRows(table, rows);
  for (let i = 0; i < block.rows; i++)
    for (let j = 0; j < table.dim; j++) block.images[i * table.dim + j]! *= block.imageScale[i]!;
  return block.images;
}
