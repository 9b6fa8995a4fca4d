import type { Dirent } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { datasetRow, wholeCaption, type DatasetRow } from './pair.js';

export const IMAGE_EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']);

/** The reason of the one row that stands for a folder which cannot be listed now. */
export const UNLISTED_FOLDER = 'folder cannot be listed';
/** A caption longer than this is no caption; reading it would only cost memory. */
const MAX_SIDECAR_BYTES = 2 ** 20;

/**
 * The pairs of an image folder, `x.jpg` beside `x.txt` (or `x.json` with `caption`), subfolders included, in the
 * order of their paths. Hidden folders are left out: `.clipcov/` is one. `check` is asked in every folder, and throws to
 * cancel.
 */
export async function* readFolder(
  root: string,
  check: () => void = () => undefined,
): AsyncGenerator<DatasetRow> {
  let id = 0;
  for await (const { path: image, problem } of imagesBelow(root, '', check)) {
    if (problem !== null) {
      yield { id: id++, image: null, caption: null, problem: { reason: problem, where: image || '.' } };
      continue;
    }
    const stem = image.slice(0, -extname(image).length);
    const caption =
      (await sidecar(join(root, `${stem}.txt`))) ?? (await captionOfJson(join(root, `${stem}.json`)));
    yield datasetRow(id++, Buffer.from(image), caption ?? undefined, image);
  }
}

/**
 * Image paths relative to the root, with `/`, in code-unit order whatever the file system's order is. A folder that
 * cannot be listed takes one place, with the reason.
 */
async function* imagesBelow(
  root: string,
  below: string,
  check: () => void,
): AsyncGenerator<{ path: string; problem: string | null }> {
  check();
  let entries: Dirent[];
  try {
    entries = await readdir(join(root, below), { withFileTypes: true });
  } catch (error) {
    if (below === '') throw error;
    const problem = `${UNLISTED_FOLDER} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    yield { path: below, problem };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const entry of entries) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.name.startsWith('.')) continue;
    // A link to a folder is not followed: it may lead round in a circle. A link to a file is checked when it is read.
    if (entry.isDirectory()) yield* imagesBelow(root, path, check);
    else if (IMAGE_EXTENSIONS.has(extname(entry.name).toLowerCase())) yield { path, problem: null };
  }
}

async function sidecar(file: string): Promise<Uint8Array | null> {
  const info = await stat(file).catch(() => null);
  if (!info?.isFile() || info.size > MAX_SIDECAR_BYTES) return null;
  // One that cannot be read is a caption that is missing: it costs its row.
  const bytes = await readFile(file).catch(() => null);
  return bytes && wholeCaption(bytes);
}

async function captionOfJson(file: string): Promise<Uint8Array | null> {
  const bytes = await sidecar(file);
  if (bytes === null) return null;
  try {
    const { caption } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { caption?: unknown };
    return typeof caption === 'string' ? Buffer.from(caption) : null;
  } catch {
    return null;
  }
}
