import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ClipcovError } from '../errors.js';
import { readSubset, SUBSET_EXTENSION, type SubsetDocument } from '../export/subsetDocument.js';

/** Where a subset is saved that was given no name: at the usual place, or under that name with a number. */
export function* ownNames(usual: string): Generator<string> {
  const name = usual.slice(0, -SUBSET_EXTENSION.length);
  yield usual;
  for (let number = 2; ; number++) yield `${name}-${number}${SUBSET_EXTENSION}`;
}

/**
 * Whether a subset may take a name that it was not given: not where one lies that was asked for otherwise (other parameters,
 * classes or model). What was asked for in the same way is replaced: it is the same subset, or that of the dataset as it was.
 * So is a document that is damaged.
 */
export async function mayTake(subset: string, document: SubsetDocument): Promise<boolean> {
  if (!existsSync(subset)) return true;
  try {
    return isDeepStrictEqual(question(await readSubset(subset)), question(document));
  } catch (error) {
    // Of a newer version it may be sound.
    return error instanceof ClipcovError && error.code === 'subset-unreadable';
  }
}

/** As it is read: without what is undefined. */
function question({ parameters, classes, model }: SubsetDocument): unknown {
  return JSON.parse(JSON.stringify({ parameters, classes, model: model?.fingerprint ?? null }));
}
