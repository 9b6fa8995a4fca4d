import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeError } from '../embeddings/aside.js';
import { asideOf } from '../embeddings/unfinished.js';
import { ClipcovError } from '../errors.js';
import { withLock } from './lock.js';
import { picksPath } from './picks.js';
import { readSubset, SUBSET_EXTENSION, writeSubset, type SubsetDocument } from './subsetDocument.js';

/**
 * Saves picks and document as one, under the first of the names, in one folder, that may be taken: of two programs that save
 * a subset of the same name, one comes after the other, and asks whether it may when the other is done. Picks first: a
 * document never names picks that are not there.
 */
export async function saveSubset<Written extends { sha256: string }>(
  names: Iterable<string>,
  document: SubsetDocument,
  writePicks: (file: string) => Promise<Written>,
  mayTake: (file: string) => Promise<boolean> = async () => true,
): Promise<{ file: string; document: SubsetDocument; written: Written }> {
  // Written and hashed before anybody waits: what is locked takes two renames.
  let fresh: { aside: string; written: Written } | null = null;
  for (const file of names) {
    const picksFile = `${basename(file, SUBSET_EXTENSION)}.parquet`;
    const picks = picksPath(file, { picksFile });
    try {
      fresh ??= await writtenAside(picks, writePicks);
      const { aside, written } = fresh;
      const saved = { ...document, picksFile, picksSha256: written.sha256 };
      const taken = await withLock(file, async () => {
        if (!(await mayTake(file))) return false;
        await rename(aside, picks);
        await writeSubset(file, saved);
        return true;
      });
      if (taken) return { file, document: saved, written };
    } catch (cause) {
      if (fresh) await rm(fresh.aside, { force: true }).catch(() => undefined);
      throw writeError(file, cause);
    }
  }
  throw new Error('no name was given that may be taken');
}

async function writtenAside<Written>(
  picks: string,
  writePicks: (file: string) => Promise<Written>,
): Promise<{ aside: string; written: Written }> {
  const aside = await asideOf(picks);
  try {
    return { aside, written: await writePicks(aside) };
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/** Writes the document of a saved subset anew, unless its picks have become others meanwhile. */
export async function amendSubset(file: string, document: SubsetDocument): Promise<void> {
  await withLock(file, async () => {
    if ((await readSubset(file)).picksSha256 !== document.picksSha256)
      throw new ClipcovError('subset-replaced', 'Another subset has been saved under this name meanwhile.', {
        where: file,
        fix: 'Open that one, or select again under another name.',
      });
    await writeSubset(file, document);
  });
}
