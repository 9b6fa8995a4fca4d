import { createHash } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeAside } from '../embeddings/aside.js';
import { SUBSET_EXTENSION } from '../export/subsetDocument.js';

/** What follows a subset's name and a dot in the names of its own lists. */
const OWN = /^(include|exclude)-[0-9a-f]{8}\.txt$/;

/** The ids of a list; what no id is says the selection, which reads the lists too. */
export async function idsIn(list: string | undefined): Promise<number[]> {
  if (list === undefined) return [];
  const lines = (await readFile(list, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  return [...new Set(lines.map(Number))];
}

/** `NAME.include-01234567.txt`, by its content: a list that a saved subset records is never changed under it. */
export async function writeList(
  subset: string,
  kind: 'include' | 'exclude',
  ids: number[],
): Promise<string | undefined> {
  if (ids.length === 0) return undefined;
  const text = `${[...new Set(ids)].join('\n')}\n`;
  const digits = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const list = join(dirname(subset), `${basename(subset, SUBSET_EXTENSION)}.${kind}-${digits}.txt`);
  await writeAside(list, text);
  return list;
}

/** Whether a list was written for this subset, and goes when it does. */
export function isOwnList(subset: string, list: string): boolean {
  const name = `${basename(subset, SUBSET_EXTENSION)}.`;
  const file = basename(list);
  return dirname(list) === dirname(subset) && file.startsWith(name) && OWN.test(file.slice(name.length));
}

/** Removes the lists of earlier selections of this name. */
export async function forgetLists(subset: string, kept: (string | undefined)[]): Promise<void> {
  const folder = dirname(subset);
  for (const file of await readdir(folder)) {
    const list = join(folder, file);
    if (isOwnList(subset, list) && !kept.includes(list)) await rm(list, { force: true });
  }
}
