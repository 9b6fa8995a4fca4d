import type { EmbeddingTable } from '../rows/pairBlock.js';
import { blockFor, eachBlock } from './blocks.js';

/** self_e = ⟨v_e,l_e⟩ of the given rows, in their order. */
export async function clipScores(
  table: EmbeddingTable,
  rows: Int32Array,
  checkpoint: (done: number) => Promise<void>,
): Promise<Float64Array> {
  const scores = new Float64Array(rows.length);
  const pairs = blockFor(table, rows.length);
  let filled = 0;
  await eachBlock(
    pairs,
    rows,
    () => {
      for (let i = 0; i < pairs.count; i++) scores[filled++] = pairs.similarity(i, i);
    },
    checkpoint,
  );
  return scores;
}
