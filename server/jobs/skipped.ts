import type { EmbeddingTable } from '../rows/pairBlock.js';
import { partPaths, readSkipped, type SkippedRow } from '../embeddings/partFiles.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import type { SkippedRows } from '../protocol/dataset.js';

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
  const pairOf = pairIds(store, new Set(skipped.map(({ id }) => id)));
  for (let row = 0; row < table.rows; row++) {
    if (table.imageScale[row] !== 0 && table.textScale[row] !== 0) continue;
    const side = table.imageScale[row] === 0 ? 'image' : 'text';
    skipped.push({
      id: pairOf(row),
      reason: `${side} embedding is all zero, NaN or infinite`,
      where: `row ${row} of the store`,
    });
  }
  return countSkipped(skipped);
}

/**
 * The pair of a row of the store; rows are asked for in ascending order. A part of a store of ours holds its pairs in
 * their order without the skipped ones; a bare store knows no pairs but its rows.
 */
function pairIds({ plan, parts }: EmbeddingStore, skipped: Set<number>): (row: number) => number {
  if (plan === null) return (row) => row;
  let part = -1;
  let at = -1;
  let id = -1;
  return (row) => {
    while (at < row) {
      // A part may hold no row at all.
      while (parts[part + 1]?.firstRow === at + 1) id = parts[++part]!.index * plan.partRows - 1;
      do id++;
      while (skipped.has(id));
      at++;
    }
    return id;
  };
}

/** Rows that the embedding left out; only a store of ours lists them. */
export function embeddingSkips(store: EmbeddingStore): SkippedRow[] {
  if (store.plan === null) return [];
  return store.parts.flatMap((part) =>
    readSkipped(partPaths(store.folder, part.index, store.parts.length).skipped),
  );
}
