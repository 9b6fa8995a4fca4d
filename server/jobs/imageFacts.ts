import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type Database, NUMBERED_PARQUET, PARQUET, sqlString } from '../dataset/database.js';
import { resolveImage, type ImageRoots } from '../dataset/roots.js';
import { produceAside } from '../embeddings/aside.js';
import { mapAhead } from '../embeddings/parallel.js';
import { notesOf } from '../embeddings/partFiles.js';
import { imageStatistics } from '../embeddings/pictures.js';
import type { StorePart } from '../embeddings/store.js';
import { cpuThreads } from '../engine/device.js';
import { ClipcovError } from '../errors.js';

/** A pair of a part with the facts of its image. */
export interface LookedPair {
  id: number;
  row: number;
  image: string;
  sha256: string;
  caption: string;
  width: number;
  height: number;
  deviation: number;
}

type KnownPair = Omit<LookedPair, 'width' | 'height' | 'deviation'> & {
  width: number | null;
  height: number | null;
  deviation: number | null;
};

/**
 * The pairs of a part in the order of their rows. Images whose content was looked at before, in this part, are not read:
 * `file` keeps what was found, by content hash, beside the store and not in it.
 */
export async function lookAtPart(
  { metadata, firstRow }: StorePart,
  file: string,
  roots: ImageRoots,
  database: Database,
  checkpoint: () => Promise<void>,
): Promise<LookedPair[]> {
  const known = existsSync(file) && (await isSound(file, database));
  const pairs = await database.all<KnownPair>(
    `SELECT id, file_row_number + $2 AS row, image_path AS image, image_sha256 AS sha256, caption,
       ${known ? 'width, height, deviation' : 'NULL AS width, NULL AS height, NULL AS deviation'}
     FROM ${NUMBERED_PARQUET}
     ${
       known
         ? `LEFT JOIN (SELECT image_sha256, width, height, deviation
         FROM read_parquet(${sqlString(file)}, hive_partitioning = false)) USING (image_sha256)`
         : ''
     }
     ORDER BY row`,
    [metadata!, BigInt(firstRow)],
  );
  const looked: LookedPair[] = [];
  for await (const pair of mapAhead(pairs, 2 * cpuThreads(), (one) => lookAtImage(one, roots))) {
    await checkpoint();
    looked.push(pair);
  }
  if (pairs.some(({ width }) => width === null)) await keepFacts(looked, file, database);
  return looked;
}

async function lookAtImage(pair: KnownPair, roots: ImageRoots): Promise<LookedPair> {
  const { width, height, deviation } = pair;
  if (width !== null && height !== null && deviation !== null) return { ...pair, width, height, deviation };
  const gone = (cause?: unknown): ClipcovError =>
    new ClipcovError('image-changed', 'An image changed while the dataset was looked at.', {
      where: pair.image,
      fix: 'Run the report again.',
      cause,
    });
  const file = await resolveImage(roots, pair.image);
  if ('reason' in file) throw gone(file.reason);
  const bytes = await file.read().catch((cause: unknown) => {
    throw gone(cause);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== pair.sha256) throw gone();
  return { ...pair, ...(await imageStatistics(bytes)) };
}

async function keepFacts(looked: LookedPair[], file: string, database: Database): Promise<void> {
  const bySha = new Map(looked.map((pair) => [pair.sha256, pair]));
  await database.run(
    'CREATE OR REPLACE TEMP TABLE facts(image_sha256 VARCHAR, width BIGINT, height BIGINT, deviation DOUBLE)',
  );
  const facts = [...bySha].map(([image_sha256, { width, height, deviation }]) => {
    return { image_sha256, width, height, deviation };
  });
  await database.append(
    'facts',
    ['VARCHAR', 'BIGINT', 'BIGINT', 'DOUBLE'],
    facts.map(({ image_sha256, width, height, deviation }) => [image_sha256, width, height, deviation]),
  );
  const note = sqlString(String(checksumOf(facts)));
  await produceAside(file, (aside) =>
    database.run(
      `COPY facts TO ${sqlString(aside)} (FORMAT parquet, KV_METADATA {${sqlString(CHECKSUM)}: ${note}})`,
    ),
  );
}

type Facts = Pick<LookedPair, 'width' | 'height' | 'deviation'> & { image_sha256: string };

/** Key of a checksum over all facts. */
const CHECKSUM = 'clipcov.crc32';

function checksumOf(facts: Facts[]): number {
  let sum = 0;
  for (const { image_sha256, width, height, deviation } of facts)
    sum = crc32([image_sha256, width, height, deviation].join(), sum);
  return sum;
}

/** A damaged file of facts is made again. */
async function isSound(file: string, database: Database): Promise<boolean> {
  try {
    const sum = (await notesOf([file], CHECKSUM, database)).get(file);
    const facts = await database.all<Facts>(`SELECT * FROM ${PARQUET}`, [file]);
    return sum === String(checksumOf(facts));
  } catch {
    return false;
  }
}
