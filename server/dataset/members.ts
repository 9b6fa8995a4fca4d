import { open } from 'node:fs/promises';
import { tarMembers, type TarMember } from './tar.js';

/** Path of a file inside an archive as it stands in a dataset: `shards/00000.tar/000000012.jpg`. */
export interface MemberPath {
  archive: string;
  member: string;
}

/** The parts of such a path, or null for the path of a plain file. */
export function memberPath(image: string): MemberPath | null {
  const found = /^(.+?\.tar)\/(.+)$/is.exec(image);
  return found && { archive: found[1]!, member: found[2]! };
}

/** Archives whose members are known; each takes some megabytes. */
const KEPT = 4;
const indexes = new Map<string, Map<string, TarMember>>();

/**
 * Where the members of an archive lie, by name; the first of a name counts. Found by going through the headers once,
 * and kept for the last few archives: rows of one are asked for together.
 */
export function tarIndex(file: string, size: number, mtimeNs: bigint): Map<string, TarMember> {
  const key = `${size} ${mtimeNs} ${file}`;
  const known = indexes.get(key);
  if (known) {
    // The least recently used is the first.
    indexes.delete(key);
    indexes.set(key, known);
    return known;
  }
  const index = new Map<string, TarMember>();
  for (const member of tarMembers(file))
    if ('name' in member && !index.has(member.name)) index.set(member.name, member);
  indexes.set(key, index);
  if (indexes.size > KEPT) indexes.delete(indexes.keys().next().value!);
  return index;
}

export async function readRange(file: string, offset: number, size: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(size);
    for (let done = 0; done < size;) {
      const { bytesRead } = await handle.read(bytes, done, size - done, offset + done);
      if (bytesRead === 0)
        throw Object.assign(new Error('the archive has become shorter'), { code: 'ETRUNCATED' });
      done += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
