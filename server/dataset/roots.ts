import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

export const MISSING_IMAGE = 'image file is missing';
/** No picture of a training set is as large; reading it would only cost memory. */
const MAX_IMAGE_BYTES = 256 * 2 ** 20;

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

/** A file that may be read, or the reason why not. Links are resolved first; only plain files are opened. */
export type ResolvedImage = { path: string; size: number; mtimeNs: bigint } | { reason: string };

export async function resolveImage(roots: ImageRoots, image: string): Promise<ResolvedImage> {
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
  if (info.size > MAX_IMAGE_BYTES) return { reason: 'image file is larger than 256 MiB' };
  return { path, size: Number(info.size), mtimeNs: info.mtimeNs };
}

export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
