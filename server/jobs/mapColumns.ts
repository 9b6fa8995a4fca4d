import { open, type FileHandle } from 'node:fs/promises';
import { openNpy, type NpyMatrix } from '../embeddings/npy.js';
import { ClipcovError } from '../errors.js';
import type { ValidParams } from '../protocol/contract.js';

/** A page of each of some columns of a map, as they lie in their files: nothing is computed here. */
export async function mapColumns({ files, offset, limit }: ValidParams<'mapColumns'>): Promise<string[]> {
  return Promise.all(files.map((file) => page(column(file), offset, limit)));
}

/** A matrix of float32, and no file that is anything else. */
export function column(file: string): NpyMatrix {
  const matrix = openNpy(file);
  if (matrix.type === 'f4' && matrix.columns <= 2) return matrix;
  throw new ClipcovError('column-unreadable', 'The file is no column of a map.', {
    where: file,
    fix: 'Make the map again.',
  });
}

async function page(
  { file, rows, columns, dataOffset }: NpyMatrix,
  offset: number,
  limit: number,
): Promise<string> {
  const first = Math.min(offset, rows);
  const bytes = Buffer.alloc(4 * columns * Math.min(limit, rows - first));
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, 'r');
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await handle.read(
        bytes,
        done,
        bytes.length - done,
        dataOffset + 4 * columns * first + done,
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
  } finally {
    await handle?.close();
  }
  return bytes.toString('base64');
}
