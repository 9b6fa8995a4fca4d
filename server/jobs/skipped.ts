import type { EmbeddingTable } from '../embeddings/pairBlock.js';
import { partPaths, readSkipped, type SkippedRow } from '../embeddings/partFiles.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import type { SkippedRows } from '../protocol/contract.js';

const EXAMPLES = 20;

/** Left-out rows counted by reason, most frequent first, with the first few of each. */
export function countSkipped(rows: Iterable<{ id: number; reason: string; where: string }>): SkippedRows {
  const reasons = new Map<string, SkippedRows['reasons'][number]>();
  let total = 0;
  for (const { id, reason, where } of rows) {
    total++;
    const known = reasons.get(reason) ?? { reason, count: 0, examples: [] };
    reasons.set(reason, known);
    known.count++;
    if (known.examples.length < EXAMPLES) known.examples.push({ id, where });
  }
  const sorted = [...reasons.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  return { total, reasons: sorted };
}

/** What a store leaves out: rows that the embedding skipped, and rows whose embeddings have no direction. */
export function storeSkips(store: EmbeddingStore, table: EmbeddingTable): SkippedRows {
  const skipped = embeddingSkips(store);
  for (let row = 0; row < table.rows; row++) {
    if (table.imageScale[row] !== 0 && table.textScale[row] !== 0) continue;
    const side = table.imageScale[row] === 0 ? 'image' : 'text';
    skipped.push({
      id: row,
      reason: `${side} embedding is all zero, NaN or infinite`,
      where: `row ${row} of the store`,
    });
  }
  return countSkipped(skipped);
}

/** Rows that the embedding left out; only a store of ours lists them. */
export function embeddingSkips(store: EmbeddingStore): SkippedRow[] {
  if (store.plan === null) return [];
  return store.parts.flatMap((part) =>
    readSkipped(partPaths(store.folder, part.index, store.parts.length).skipped),
  );
}
