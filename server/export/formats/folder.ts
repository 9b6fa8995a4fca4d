import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { writeError } from '../../embeddings/aside.js';
import { asideOf } from '../../embeddings/unfinished.js';
import { ClipcovError } from '../../errors.js';

/**
 * Makes a folder aside and gives it its name when it is whole. A folder that is there with something in it is left alone:
 * an export never mixes its files with others.
 */
export async function produceFolder(out: string, produce: (aside: string) => Promise<void>): Promise<void> {
  const there = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error.code === 'ENOTDIR' ? occupied(out, 'a file of that name is there') : error;
  });
  if (there?.length) throw occupied(out, 'it is not empty');
  let aside: string | null = null;
  try {
    aside = await asideOf(out);
    await mkdir(aside);
    await produce(aside);
    if (there) await rmdir(out);
    await rename(aside, out);
  } catch (cause) {
    if (aside) await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    throw writeError(out, cause);
  }
}

function occupied(where: string, why: string): ClipcovError {
  return new ClipcovError(
    'export-occupied',
    `The format makes a folder, and this one cannot be used: ${why}.`,
    {
      where,
      fix: 'Name a folder that is not there yet, or an empty one.',
    },
  );
}
