import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** A file name has 255 bytes on most systems; the digits and what stands behind them need some. */
const NAME_BYTES = 200;

/**
 * The folder that ClipCov keeps for a dataset's folder: `.clipcov` in it, or one of its own below the folder the user gave,
 * which serves any number of datasets. By the real path: a dataset that is reached by a link is the same dataset.
 */
export function ownFolder(root: string, given: string | undefined): string {
  if (given === undefined) return join(root, '.clipcov');
  const real = realPath(root);
  const digits = createHash('sha256').update(real).digest('hex').slice(0, 8);
  return join(resolve(given), `${shortened(basename(real))}-${digits}`);
}

/** Of a folder that is gone, its name: whoever looks for what was kept of it says so himself. */
function realPath(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return resolve(folder);
  }
}

/**
 * Where catalogue and stores of a dataset lie in that folder. A folder of a name of its own for each table: two tables of
 * one folder must not undo each other's stores.
 */
export function datasetHome(path: string, root: string, own: string): string {
  return join(own, path === root ? 'images' : basename(path));
}

/**
 * Makes a folder with those above it, one after the other: of a read-only file system Node's own way says no more than that
 * the folder is missing.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isThere = await stat(folder).catch(() => null);
    if (isThere?.isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder);
  }
}

/** As a name that every file system takes, and DuckDB too. */
function shortened(name: string): string {
  const characters = [...name.replace(/[?*:"<>|\\]/g, '_')];
  while (Buffer.byteLength(characters.join('')) > NAME_BYTES) characters.pop();
  return characters.join('');
}
