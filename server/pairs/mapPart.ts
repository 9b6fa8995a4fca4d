import { open } from 'node:fs/promises';
import { openNpy } from '../embeddings/npy.js';
import { ClipcovError } from '../errors.js';
import { isWithin } from '../projection/polygon.js';

/** Rows that are read at a time, so that others are answered meanwhile. */
const PAGE = 32_768;

/** `1` for each row whose point lies in a polygon, `0` for all others, in the order of the rows. */
export async function bitsWithin(file: string, corners: readonly number[]): Promise<string> {
  const { rows, columns, type, dataOffset } = openNpy(file);
  if (columns !== 2 || type !== 'f4')
    throw new ClipcovError('column-unreadable', 'The file holds no points of a map.', {
      where: file,
      fix: 'Make the map again.',
    });
  const bits = Buffer.alloc(rows, '0');
  const handle = await open(file, 'r');
  try {
    const page = new Float32Array(2 * PAGE);
    for (let first = 0; first < rows; first += PAGE) {
      const count = Math.min(PAGE, rows - first);
      await handle.read(new Uint8Array(page.buffer), 0, 8 * count, dataOffset + 8 * first);
      for (let i = 0; i < count; i++)
        if (isWithin(corners, page[2 * i]!, page[2 * i + 1]!)) bits[first + i] = ONE;
    }
  } finally {
    await handle.close();
  }
  return bits.toString('latin1');
}

const ONE = '1'.charCodeAt(0);
