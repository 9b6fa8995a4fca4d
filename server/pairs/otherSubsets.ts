import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { picksPath } from '../export/picks.js';
import { readSubset, SUBSET_EXTENSION, type SubsetDocument } from '../export/subsetDocument.js';

export interface OtherSubset {
  name: string;
  method: string;
  picks: number;
  /** Their Parquet file. */
  file: string;
}

/** More than these are not looked at: whoever has as many compares them in tables. */
const MOST = 64;

/** Documents as they were last read: each look at a page asks for them. */
const known = new Map<string, { signature: string; document: SubsetDocument | null }>();
const KNOWN = 256;

/** The other subsets in a subset's folder that were picked from the same pairs. */
export async function otherSubsets(file: string, { dataset }: SubsetDocument): Promise<OtherSubset[]> {
  const folder = dirname(file);
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUBSET_EXTENSION)).sort();
  const found: OtherSubset[] = [];
  for (const name of names.slice(0, MOST)) {
    if (name === basename(file)) continue;
    const other = join(folder, name);
    const document = await documentAt(other);
    if (document?.dataset.fingerprint !== dataset.fingerprint) continue;
    const picks = picksPath(other, document);
    if (!existsSync(picks)) continue;
    found.push({
      name: basename(name, SUBSET_EXTENSION),
      method: document.parameters.method,
      picks: document.picks,
      file: picks,
    });
  }
  return found;
}

/** Null for one that cannot be read, which is nobody's concern here. */
async function documentAt(file: string): Promise<SubsetDocument | null> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  if (!found) return null;
  const signature = `${found.size} ${found.mtimeNs}`;
  const before = known.get(file);
  if (before?.signature === signature) return before.document;
  const document = await readSubset(file).catch(() => null);
  if (known.size >= KNOWN) known.clear();
  known.set(file, { signature, document });
  return document;
}
