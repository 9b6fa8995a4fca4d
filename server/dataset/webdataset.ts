import { readdir } from 'node:fs/promises';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { IMAGE_EXTENSIONS } from './folder.js';
import { sampleKey } from './members.js';
import { datasetRow, wholeCaption, type DatasetRow } from './pair.js';
import { tarMembers, type TarMember } from './tar.js';

/** A caption longer than this is no caption. */
const MAX_CAPTION_BYTES = 2 ** 20;

/** Files with this extension in a folder or in folders below it, relative to it, in the order of their paths. */
export async function findShards(root: string, extension: string, below = '', depth = 2): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const shards: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory() && depth > 0)
      shards.push(...(await findShards(root, extension, path, depth - 1)));
    else if (!entry.isDirectory() && extname(entry.name).toLowerCase() === extension) shards.push(path);
  }
  return shards;
}

/** The members of one key of a shard. */
export interface Sample {
  /** `00000.tar/key` */
  where: string;
  /** Path of its image, `00000.tar/key.jpg`; null where it has none. */
  image: string | null;
  /** Why it cannot be used, whatever it holds. */
  problem: string | null;
  /** The content of its member with this extension, such as `.txt`, while the generator stands at it. */
  read(extension: string): Buffer | undefined;
}

/**
 * The samples of WebDataset shards: members that follow each other and share a key (their path up to the first dot of its
 * last part). Archives are read in place, their headers and small members only. What a damaged archive ends in is a
 * sample with a problem.
 */
export async function* readSamples(
  root: string,
  shards: string[],
  check: () => void = () => undefined,
): AsyncGenerator<Sample> {
  for (const shard of shards) {
    check();
    const descriptor = openSync(join(root, shard), 'r');
    try {
      const seen = new Set<string>();
      let members: TarMember[] = [];
      const take = function* (): Generator<Sample> {
        if (members.length) yield sampleOf(shard, members, descriptor, seen);
        members = [];
      };
      for (const member of tarMembers(join(root, shard))) {
        if ('broken' in member) {
          yield* take();
          yield { where: shard, image: null, problem: member.broken, read: () => undefined };
          continue;
        }
        // Metadata of the tar program itself, such as macOS's `._x.jpg`.
        if (basename(member.name).startsWith('.')) continue;
        if (members.length && sampleKey(member.name) !== sampleKey(members[0]!.name)) yield* take();
        members.push(member);
      }
      yield* take();
    } finally {
      closeSync(descriptor);
    }
  }
}

function sampleOf(shard: string, members: TarMember[], descriptor: number, seen: Set<string>): Sample {
  const key = sampleKey(members[0]!.name);
  const bad = members.find(({ problem }) => problem !== null);
  const image = members.find(({ name }) => IMAGE_EXTENSIONS.has(extname(name).toLowerCase()));
  const repeated = image !== undefined && seen.has(image.name);
  if (image) seen.add(image.name);
  return {
    where: `${shard}/${key}`,
    image: image ? `${shard}/${image.name}` : null,
    problem: bad
      ? `member '${extname(bad.name)}' cannot be read: ${bad.problem}`
      : !image
        ? 'sample has no image'
        : repeated
          ? 'a member of this name stands earlier in the archive'
          : null,
    read(extension) {
      const member = members.find(({ name }) => name.slice(key.length).toLowerCase() === extension);
      return member && member.size <= MAX_CAPTION_BYTES ? readMember(descriptor, member) : undefined;
    },
  };
}

/** The samples as rows: an image with `key.txt`, or `key.json` with `caption`. One without costs its row. */
export async function* readWebDataset(
  root: string,
  shards: string[],
  check: () => void = () => undefined,
): AsyncGenerator<DatasetRow> {
  let id = 0;
  for await (const { where, image, problem, read } of readSamples(root, shards, check)) {
    if (problem !== null || image === null) {
      const reason = problem ?? 'sample has no image';
      yield { id: id++, image: null, caption: null, problem: { reason, where } };
      continue;
    }
    const fields = fieldsOf(read('.json'));
    const caption =
      read('.txt') ?? (typeof fields['caption'] === 'string' ? Buffer.from(fields['caption']) : undefined);
    const uid = typeof fields['uid'] === 'string' ? fields['uid'] : null;
    yield datasetRow(id++, Buffer.from(image), caption && wholeCaption(caption), where, uid);
  }
}

function readMember(descriptor: number, { offset, size }: TarMember): Buffer {
  const bytes = Buffer.alloc(size);
  readSync(descriptor, bytes, 0, size, offset);
  return bytes;
}

function fieldsOf(json: Buffer | undefined): Record<string, unknown> {
  if (!json) return {};
  try {
    const fields: unknown = JSON.parse(json.toString('utf8'));
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
