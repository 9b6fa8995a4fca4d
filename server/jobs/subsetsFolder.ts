import { open, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { writeError } from '../embeddings/aside.js';
import { asideOf } from '../embeddings/unfinished.js';
import { SUBSET_EXTENSION } from '../export/subsetDocument.js';
import type { Workspace } from './workspace.js';

/** Where subsets without a path of their own are saved, and what to say where that is not the usual place. */
export interface SubsetsFolder {
  folder: string;
  warnings: string[];
}

/** Whether a subset's name says where to save it. */
export function isPath(out: string): boolean {
  return isAbsolute(out) || /[\\/]/.test(out);
}

/** The document of another subset: a name is one beside the given subset. */
export function besideSubset(subset: string, out: string): string {
  const name = out.endsWith(SUBSET_EXTENSION) ? out : `${out}${SUBSET_EXTENSION}`;
  return isPath(name) ? resolve(name) : join(dirname(subset), name);
}

/**
 * `subsets/` in the dataset's folder; where that may not be written to, and embeddings have a folder of their own, in
 * there.
 */
export async function subsetsFolder(
  { source, folder }: Pick<Workspace, 'source' | 'folder'>,
  { store, out }: { store?: string | undefined; out?: string | undefined },
): Promise<SubsetsFolder> {
  const usual = join(source.root, 'subsets');
  if (store === undefined || (out !== undefined && isPath(out)) || (await isWritable(usual)))
    return { folder: usual, warnings: [] };
  const instead = join(folder, 'subsets');
  return {
    folder: instead,
    warnings: [`The dataset's folder cannot be written to, so the subset lies in ${instead}.`],
  };
}

/** Found out by writing: permissions alone say nothing of a file system that is mounted read-only. */
async function isWritable(folder: string): Promise<boolean> {
  try {
    const probe = await asideOf(join(folder, '.writable'));
    await (await open(probe, 'w')).close();
    await rm(probe);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw writeError(folder, error);
  }
}
