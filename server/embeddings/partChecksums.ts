import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { PartRow } from './partFiles.js';

/** CRC-32 of a part's two matrices, as the bytes of their files, and of its rows. */
const checksums = z.object({ images: z.number(), texts: z.number(), rows: z.number() });
export type PartChecksums = z.output<typeof checksums>;

/** Read in pieces of this many bytes. */
const CHUNK = 1 << 22;

/** What `metadata_N.parquet` says of its part, or null where it says nothing. */
export function parseChecksums(text: string | undefined): PartChecksums | null {
  return text === undefined ? null : checksums.parse(JSON.parse(text));
}

export function rowsChecksum(rows: readonly PartRow[]): number {
  let sum = 0;
  for (const { id, image_path, caption, image_sha256, uid } of rows)
    sum = crc32([id, image_path, caption, image_sha256, uid ?? ''].join('\0'), sum);
  return sum;
}

export async function fileChecksum(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let sum = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK);
      if (bytesRead === 0) return sum;
      sum = crc32(buffer.subarray(0, bytesRead), sum);
    }
  } finally {
    await handle.close();
  }
}
