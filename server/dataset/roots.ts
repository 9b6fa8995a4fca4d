import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { memberPath, readRange, tarIndex, type TarIndex } from './members.js';
import { cellPath, readCell } from './parquetCells.js';

export const MISSING_IMAGE = 'image file is missing';
/** No picture of a training set is as large; reading it would only cost memory. */
const MAX_IMAGE_BYTES = 256 * 2 ** 20;
const TOO_LARGE = { reason: 'image file is larger than 256 MiB' };

/** Where images may lie: the dataset's folder and the folders that the user approved, links resolved. */
export interface ImageRoots {
  base: string;
  allowed: string[];
}

export async function imageRoots(base: string, approved: string[]): Promise<ImageRoots> {
  const allowed = [await realpath(base)];
  for (const root of approved) {
    // One that is not there, such as a drive that is not mounted, allows nothing: its images count as missing.
    const real = await realpath(root).catch(() => null);
    if (real !== null) allowed.push(real);
  }
  return { base, allowed };
}

/** An image whose bytes may be read: a plain file, or a place in an archive or a Parquet file. */
export interface ReadableImage {
  /** The file that holds it, links resolved. */
  path: string;
  /** Bytes of the image, or of the Parquet file that holds it. */
  size: number;
  /** When that file last changed. */
  mtimeNs: bigint;
  read(): Promise<Buffer>;
  /** Set where that file is an archive. */
  archive?: TarIndex;
}

/** The image that a dataset names, or the reason why it may not be read. Only plain files are opened. */
export async function resolveImage(
  roots: ImageRoots,
  image: string,
): Promise<ReadableImage | { reason: string }> {
  const inside = memberPath(image);
  const cell = inside ? null : cellPath(image);
  const file = await resolveFile(roots, inside?.archive ?? cell?.table ?? image);
  if ('reason' in file) return file;
  if (inside) return memberOf(file, inside.member);
  if (cell) return { ...file, read: () => readCell(file, cell) };
  if (file.size > MAX_IMAGE_BYTES) return TOO_LARGE;
  return { ...file, read: () => readFile(file.path) };
}

/** Whether a path names an image inside an archive or a Parquet file. */
export function isInsideFile(image: string): boolean {
  return (memberPath(image) ?? cellPath(image)) !== null;
}

type PlainFile = Omit<ReadableImage, 'read' | 'archive'>;

function memberOf(file: PlainFile, name: string): ReadableImage | { reason: string } {
  const archive = tarIndex(file.path, file.size, file.mtimeNs);
  const member = archive.byName.get(name);
  if (!member) return { reason: 'the archive has no such member' };
  if (member.problem) return { reason: `the member cannot be read: ${member.problem}` };
  if (member.size > MAX_IMAGE_BYTES) return TOO_LARGE;
  return {
    ...file,
    archive,
    size: member.size,
    read: () => readRange(file.path, member.offset, member.size),
  };
}

/** Links are resolved first. */
async function resolveFile(roots: ImageRoots, image: string): Promise<PlainFile | { reason: string }> {
  if (image.includes('\0')) return { reason: 'image path holds a NUL character' };
  // A colon alone is no URL: `set:1.jpg` is a name.
  if (/^([a-z][a-z0-9+.-]+:\/\/|data:|file:)/i.test(image))
    return { reason: 'image path is a URL, and nothing is downloaded' };
  if (/^(\\\\|\/\/)/.test(image)) return { reason: 'image path is a network path' };
  let path: string;
  try {
    path = await realpath(resolve(roots.base, image));
  } catch {
    return { reason: MISSING_IMAGE };
  }
  if (!roots.allowed.some((root) => isInside(root, path)))
    return { reason: 'image lies outside the dataset folder and the approved folders' };
  const info = await stat(path, { bigint: true }).catch(() => null);
  if (!info?.isFile()) return { reason: 'image path is not a plain file' };
  if (info.size === 0n) return { reason: 'image file is empty (0 bytes)' };
  return { path, size: Number(info.size), mtimeNs: info.mtimeNs };
}

export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
