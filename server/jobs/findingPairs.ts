import { NUMBERED_PARQUET, PARQUET, type Database } from '../dataset/database.js';
import { resolveImage, type ImageRoots } from '../dataset/roots.js';
import { mapAhead } from '../embeddings/parallel.js';
import { thumbnail } from '../embeddings/pictures.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import type { QualityPair } from '../protocol/quality.js';
import { idsFile } from './keptReport.js';
import type { Workspace } from './workspace.js';

/** Pixels of the longer edge. */
const EDGE = 64;
const AHEAD = 8;

/** The first pairs of a finding of the kept report, by id. `database` holds `reasons(id, reason, place)`. */
export async function pairsOf(
  finding: string,
  limit: number,
  { database, store, workspace }: { database: Database; store: EmbeddingStore; workspace: Workspace },
): Promise<QualityPair[]> {
  await database.run(
    `CREATE OR REPLACE TEMP TABLE wanted AS SELECT id, row, repeats FROM ${PARQUET} WHERE finding = $2 ORDER BY id LIMIT $3`,
    [idsFile(workspace.home), finding, BigInt(limit)],
  );
  await database.run('CREATE OR REPLACE TEMP TABLE described(id BIGINT, image VARCHAR, caption VARCHAR)');
  const needed = await database.all<{ row: number }>(
    'SELECT row FROM wanted WHERE row IS NOT NULL ORDER BY row',
  );
  for (const { metadata, firstRow, rows } of store.parts)
    if (metadata !== null && needed.some(({ row }) => row >= firstRow && row < firstRow + rows))
      await database.run(
        `INSERT INTO described SELECT id, image_path, caption FROM ${NUMBERED_PARQUET} WHERE id IN (SELECT id FROM wanted)`,
        [metadata],
      );
  return database.all<QualityPair>(
    `SELECT wanted.id AS id, coalesce(image, place) AS image, caption, reason, repeats
     FROM wanted LEFT JOIN described USING (id) LEFT JOIN reasons USING (id) ORDER BY wanted.id`,
  );
}

/** The same pairs, the first of them with their pictures; without where an image cannot be shown, or may not be read. */
export async function withPictures(
  pairs: QualityPair[],
  pictures: number,
  roots: ImageRoots,
  checkpoint: () => Promise<void>,
): Promise<QualityPair[]> {
  const show = async (pair: QualityPair): Promise<QualityPair> => {
    if (pair.image === null) return pair;
    try {
      const found = await resolveImage(roots, pair.image);
      return 'reason' in found ? pair : { ...pair, picture: await thumbnail(await found.read(), EDGE) };
    } catch {
      // The report is about what is wrong with pictures: one that cannot be shown is no news.
      return pair;
    }
  };
  const shown: QualityPair[] = [];
  for await (const pair of mapAhead(pairs.slice(0, pictures), AHEAD, show)) {
    shown.push(pair);
    await checkpoint();
  }
  return [...shown, ...pairs.slice(pictures)];
}
