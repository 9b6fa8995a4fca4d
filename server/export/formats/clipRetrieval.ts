import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Database, PARQUET, sqlString } from '../../dataset/database.js';
import { npyHeader } from '../../embeddings/npy.js';
import { partPaths } from '../../embeddings/partFiles.js';
import { RowFiles } from '../../embeddings/rowFiles.js';
import type { EmbeddingStore } from '../../embeddings/store.js';
import { floatToHalf } from '../../rows/float16.js';
import type { Exporter } from '../exporter.js';
import { picksPath } from '../picks.js';
import { produceFolder } from './folder.js';

/** Rows of a part, as clip-retrieval writes about a million. */
const PART_ROWS = 1_000_000;
const BLOCK_ROWS = 4096;

/**
 * The embeddings of the picks by rank, in clip-retrieval's layout: float16 of length 1, and metadata with what ClipCov
 * knows of each pick beside path and caption. Rows that are stored so already keep their bits.
 */
export const clipRetrieval: Exporter = async (subset, { out, checkpoint }) => {
  const store = await subset.store();
  const rows = Int32Array.from(await subset.picks(), ({ row }) => row);
  const parts = Math.max(1, Math.ceil(rows.length / PART_ROWS));
  const database = await Database.open();
  try {
    await produceFolder(out, async (aside) => {
      for (let part = 0; part < parts; part++) {
        const first = part * PART_ROWS;
        const own = rows.subarray(first, first + PART_ROWS);
        const paths = partPaths(aside, part, parts);
        for (const [side, file] of [
          ['images', paths.images],
          ['texts', paths.texts],
        ] as const) {
          await mkdir(join(file, '..'), { recursive: true });
          const blocks = unitHalves(store, side, own, (done) => checkpoint(first + done));
          const head = npyHeader(`'<f2'`, `(${own.length}, ${store.dim})`);
          await pipeline(Readable.from(withHead(head, blocks)), createWriteStream(file));
        }
        await mkdir(join(paths.metadata, '..'), { recursive: true });
        const picks = PARQUET.replace('$1', sqlString(picksPath(subset.file, subset.document)));
        await database.run(
          `COPY (SELECT * EXCLUDE (row) FROM ${picks} WHERE rank >= ${first} AND rank < ${first + own.length} ORDER BY rank)
           TO ${sqlString(paths.metadata)} (FORMAT parquet)`,
        );
      }
    });
  } finally {
    database.close();
  }
  return { rows: rows.length, command: null, warnings: [] };
};

async function* withHead(head: Buffer, blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* blocks;
}

async function* unitHalves(
  { parts, dim }: EmbeddingStore,
  side: 'images' | 'texts',
  rows: Int32Array,
  checkpoint: (done: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const files = new RowFiles(
    parts.map((part) => ({ firstRow: part.firstRow, matrix: part[side] })),
    dim,
  );
  try {
    for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
      await checkpoint(first);
      const block = rows.subarray(first, first + BLOCK_ROWS);
      const values = files.half ? new Uint16Array(block.length * dim) : new Float32Array(block.length * dim);
      files.gather(block, values);
      const halves = values instanceof Uint16Array ? values : toUnitHalf(values, dim);
      yield new Uint8Array(halves.buffer);
    }
  } finally {
    files.close();
  }
}

function toUnitHalf(rows: Float32Array, dim: number): Uint16Array {
  const halves = new Uint16Array(rows.length);
  for (let at = 0; at < rows.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += rows[at + j]! ** 2;
    for (let j = 0; j < dim; j++) halves[at + j] = floatToHalf(rows[at + j]! / Math.sqrt(square));
  }
  return halves;
}
