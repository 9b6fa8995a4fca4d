import { expect, it } from 'vitest';
import type { EmbeddingTable } from '../../../server/rows/pairBlock.js';
import { partPaths } from '../../../server/embeddings/partFiles.js';
import type { EmbeddingStore } from '../../../server/embeddings/store.js';
import { storeSkips } from '../../../server/jobs/skipped.js';
import { scratchFolder } from '../cli.js';
import { put } from '../embeddings/npyFiles.js';

const folder = scratchFolder();

it('rows without a direction are named by their pair, as the skipped ones are', () => {
  // Parts of four pairs: 1 is skipped, then 4 to 7, then 8 and 11; the store holds 0 2 3 | | 9 10.
  const left = [[1], [4, 5, 6, 7], [8, 11]];
  for (const [part, ids] of left.entries())
    put(
      partPaths(folder, part, left.length).skipped,
      ids.map((id) => `${JSON.stringify({ id, reason: 'gone', where: `p:${id}` })}\n`).join(''),
    );
  const parts = [0, 3, 3].map((firstRow, index) => ({ index, firstRow, rows: [3, 0, 2][index] }));
  const plan = { partRows: 4, pairs: 12 };
  const table = {
    rows: 5,
    imageScale: Float64Array.of(1, 0, 1, 0, 1),
    textScale: Float64Array.of(1, 1, 1, 1, 0),
  } as unknown as EmbeddingTable;
  const idsOf = (store: object): number[] =>
    storeSkips(store as EmbeddingStore, table)
      .reasons.filter(({ reason }) => reason !== 'gone')
      .flatMap(({ examples }) => examples.map(({ id }) => id));
  expect(idsOf({ folder, plan, parts })).toEqual([2, 9, 10]);
  expect(idsOf({ folder, plan: null, parts })).toEqual([1, 3, 4]);
});
