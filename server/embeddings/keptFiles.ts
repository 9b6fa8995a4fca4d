import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Of the files of a cache, by their extension, leaves the newest. */
export async function forgetOldest(folder: string, extension: string, kept: number): Promise<void> {
  const names = await readdir(folder);
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith(extension))
      .map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
  );
  found.sort((a, b) => b.time - a.time);
  for (const { name } of found.slice(kept)) await rm(join(folder, name), { force: true });
}
