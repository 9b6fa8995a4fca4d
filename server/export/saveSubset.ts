import { rename, rm } from 'node:fs/promises';
import { writeError } from '../embeddings/aside.js';
import { asideOf } from '../embeddings/unfinished.js';
import { ClipcovError } from '../errors.js';
import { withLock } from './lock.js';
import { picksPath } from './picks.js';
import { readSubset, writeSubset, type SubsetDocument } from './subsetDocument.js';

/**
 * Saves picks and document as one: of two programs that save a subset of the same name, one comes after the other. Picks
 * first: a document never names picks that are not there.
 */
export async function saveSubset<Written extends { sha256: string }>(
  file: string,
  document: SubsetDocument,
  writePicks: (file: string) => Promise<Written>,
): Promise<Written> {
  const picks = picksPath(file, document);
  // Written and hashed before anybody waits: what is locked takes two renames.
  let fresh: string | null = null;
  try {
    const aside = (fresh = await asideOf(picks));
    const written = await writePicks(aside);
    await withLock(file, async () => {
      await rename(aside, picks);
      await writeSubset(file, { ...document, picksSha256: written.sha256 });
    });
    return written;
  } catch (cause) {
    if (fresh) await rm(fresh, { force: true }).catch(() => undefined);
    throw writeError(file, cause);
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
