import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ClipcovError } from '../errors.js';
import { readSubset, SUBSET_EXTENSION, type SubsetDocument } from '../export/subsetDocument.js';

/**
 * Where a subset is saved that was given no name: at the usual place or, where a subset lies there that was asked for otherwise
 * (other parameters, classes or model), under that name with the first number that is free. What was asked for in the same way is
 * replaced: it is the same subset, or that of the dataset as it was. So is a document that is damaged.
 */
export async function ownName(usual: string, document: SubsetDocument): Promise<string> {
  const name = usual.slice(0, -SUBSET_EXTENSION.length);
  for (let number = 1; ; number++) {
    const subset = number === 1 ? usual : `${name}-${number}${SUBSET_EXTENSION}`;
    if (!existsSync(subset) || (await isAskedForAlike(subset, document))) return subset;
  }
}

async function isAskedForAlike(subset: string, document: SubsetDocument): Promise<boolean> {
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
