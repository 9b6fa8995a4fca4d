import { createWriteStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { ClipcovError } from '../errors.js';
import { produceAside } from './aside.js';
import { openNpy, type NpyMatrix } from './npy.js';

/**
 * The wanted arrays of an `.npz`, by name, where they lie: numpy.savez stores them as they are. Those that
 * numpy.savez_compressed made are unpacked once into `scratch`, since rows of a compressed array cannot be picked.
 */
export async function openNpz(
  file: string,
  wanted: readonly string[],
  scratch: string,
): Promise<Map<string, NpyMatrix>> {
  const found = new Map<string, NpyMatrix>();
  let zip: ZipFile | null = null;
  try {
    zip = await openPromise(file, { autoClose: false });
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.replace(/\.npy$/, '');
      if (!wanted.includes(name)) continue;
      found.set(
        name,
        entry.compressionMethod === 0
          ? openNpy(file, { start: await dataStart(zip, entry), length: entry.uncompressedSize })
          : openNpy(await unpack(zip, entry, file, scratch)),
      );
    }
  } catch (cause) {
    if (cause instanceof ClipcovError) throw cause;
    throw new ClipcovError(
      'npz-unreadable',
      `The archive of embeddings cannot be read: ${(cause as Error).message}.`,
      {
        where: file,
        fix: 'It is damaged or still being written. Download it again.',
        cause,
      },
    );
  } finally {
    zip?.close();
  }
  return found;
}

async function dataStart(zip: ZipFile, entry: Entry): Promise<number> {
  return (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
}

/** The name says of which archive it was made: another one of that name is unpacked anew. */
async function unpack(zip: ZipFile, entry: Entry, file: string, scratch: string): Promise<string> {
  const { size, mtimeNs } = statSync(file, { bigint: true });
  const target = join(scratch, `${entry.fileName}-${size}-${mtimeNs}-${entry.crc32}.npy`);
  if (existsSync(target) && statSync(target).size === entry.uncompressedSize) return target;
  const content = await zip.openReadStreamPromise(entry);
  await produceAside(target, (aside) => pipeline(content, createWriteStream(aside)));
  return target;
}
