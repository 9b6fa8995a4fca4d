import { open } from 'node:fs/promises';
import type { ReadableImage } from './roots.js';
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
const indexes = new Map<string, TarIndex>();

/** The members of an archive by name, and by the sample they belong to. */
export interface TarIndex {
  byName: Map<string, TarMember>;
  bySample: Map<string, TarMember[]>;
}

/**
 * Where the members of an archive lie, by name; the first of a name counts. Found by going through the headers once,
 * and kept for the last few archives: rows of one are asked for together.
 */
export function tarIndex(file: string, size: number, mtimeNs: bigint): TarIndex {
  const key = `${size} ${mtimeNs} ${file}`;
  const known = indexes.get(key);
  if (known) {
    // The least recently used is the first.
    indexes.delete(key);
    indexes.set(key, known);
    return known;
  }
  const index: TarIndex = { byName: new Map(), bySample: new Map() };
  for (const member of tarMembers(file)) {
    if (!('name' in member) || index.byName.has(member.name)) continue;
    index.byName.set(member.name, member);
    const sample = sampleKey(member.name);
    const others = index.bySample.get(sample);
    if (others) others.push(member);
    else index.bySample.set(sample, [member]);
  }
  indexes.set(key, index);
  if (indexes.size > KEPT) indexes.delete(indexes.keys().next().value!);
  return index;
}

/** The key of a member's sample: its path up to the first dot of the last part; `a/b.c.jpg` belongs to `a/b`. */
export function sampleKey(name: string): string {
  const start = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', start);
  return dot < 0 ? name : name.slice(0, dot);
}

/** All members of the sample that an image is of, by extension and byte for byte; null for an image in no archive. */
export async function siblings(
  { path, archive }: Pick<ReadableImage, 'path' | 'archive'>,
  image: string,
): Promise<[extension: string, content: Uint8Array][] | null> {
  const name = memberPath(image)?.member;
  if (name === undefined || !archive) return null;
  const key = sampleKey(name);
  const members = (archive.bySample.get(key) ?? []).filter(({ problem }) => problem === null);
  return Promise.all(
    members.map(async (member): Promise<[string, Uint8Array]> => [
      member.name.slice(key.length),
      await readRange(path, member.offset, member.size),
    ]),
  );
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
