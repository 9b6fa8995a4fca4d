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

/**
 * The samples of WebDataset shards as rows: members that follow each other and share a key (their path up to the first
 * dot of its last part) are one sample, an image with `key.txt` or `key.json` (`caption`). Archives are read in place,
 * their headers and captions only. A sample without image or caption, or what a damaged archive ends in, costs its row.
 */
export async function* readWebDataset(
  root: string,
  shards: string[],
  check: () => void = () => undefined,
): AsyncGenerator<DatasetRow> {
  let id = 0;
  for (const shard of shards) {
    check();
    const descriptor = openSync(join(root, shard), 'r');
    try {
      const seen = new Set<string>();
      let sample: TarMember[] = [];
      const take = function* (): Generator<DatasetRow> {
        if (sample.length) yield rowOf(id++, shard, sample, descriptor, seen);
        sample = [];
      };
      for (const member of tarMembers(join(root, shard))) {
        if ('broken' in member) {
          yield* take();
          yield { id: id++, image: null, caption: null, problem: { reason: member.broken, where: shard } };
          continue;
        }
        // Metadata of the tar program itself, such as macOS's `._x.jpg`.
        if (basename(member.name).startsWith('.')) continue;
        if (sample.length && sampleKey(member.name) !== sampleKey(sample[0]!.name)) yield* take();
        sample.push(member);
      }
      yield* take();
    } finally {
      closeSync(descriptor);
    }
  }
}

function rowOf(
  id: number,
  shard: string,
  sample: TarMember[],
  descriptor: number,
  seen: Set<string>,
): DatasetRow {
  const key = sampleKey(sample[0]!.name);
  const where = `${shard}/${key}`;
  const refused = (reason: string): DatasetRow => ({
    id,
    image: null,
    caption: null,
    problem: { reason, where },
  });
  const bad = sample.find(({ problem }) => problem !== null);
  if (bad) return refused(`member '${extname(bad.name)}' cannot be read: ${bad.problem}`);
  const image = sample.find(({ name }) => IMAGE_EXTENSIONS.has(extname(name).toLowerCase()));
  if (!image) return refused('sample has no image');
  if (seen.has(image.name)) return refused('a member of this name stands earlier in the archive');
  seen.add(image.name);
  const contentOf = (extension: string): Buffer | undefined => {
    const member = sample.find(({ name }) => name.slice(key.length).toLowerCase() === extension);
    return member && member.size <= MAX_CAPTION_BYTES ? readMember(descriptor, member) : undefined;
  };
  const text = contentOf('.txt');
  const fields = fieldsOf(contentOf('.json'));
  const caption =
    text ?? (typeof fields['caption'] === 'string' ? Buffer.from(fields['caption']) : undefined);
  const uid = typeof fields['uid'] === 'string' ? fields['uid'] : null;
  return datasetRow(id, Buffer.from(`${shard}/${image.name}`), caption && wholeCaption(caption), where, uid);
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
