import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { RemoteFile } from './repository.js';

/** The checksum of a file by the algorithm that the hub lists for it, hexadecimal. */
export async function checksumOf(
  path: string,
  { checksum, size }: RemoteFile,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash(checksum.algorithm === 'sha256' ? 'sha256' : 'sha1');
  // As git names a blob: its kind and length come first.
  if (checksum.algorithm === 'git-sha1') hash.update(`blob ${size}\0`);
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { end: false, signal }).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      throw cause;
    },
  );
  return hash.digest('hex');
}
