import { posix } from 'node:path';

/** Name of the folder that subsets are saved in, in the folder of their dataset. */
const SUBSETS = 'subsets';
export const SUBSET_END = '.clipcov.json';

export interface Grouped {
  /** Folder of a dataset, as the path of an address: with slashes. */
  folder: string;
  /** Paths of its subsets, by name. */
  subsets: string[];
}

/** Ends the path of a dataset's folder, before what is kept of it. */
const KEPT = '/.clipcov/';

/**
 * Subsets and what is kept of datasets (files below `.clipcov`) by the folder of the dataset that they belong to, in order. By the
 * paths alone: no document is read for it.
 */
export function groupByDataset(subsets: readonly string[], kept: readonly string[]): Grouped[] {
  const groups = new Map<string, string[]>();
  const group = (folder: string): string[] => {
    const found = groups.get(folder) ?? [];
    groups.set(folder, found);
    return found;
  };
  for (const file of kept) group(file.slice(0, file.lastIndexOf(KEPT)));
  for (const subset of subsets) {
    const folder = posix.dirname(subset);
    group(posix.basename(folder) === SUBSETS ? posix.dirname(folder) : folder).push(subset);
  }
  return [...groups]
    .map(([folder, found]) => ({ folder, subsets: found.sort((a, b) => byName(a, b)) }))
    .sort((a, b) => byName(a.folder, b.folder));
}

/** Numbers in names as numbers: 5pct comes before 10pct. */
export function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
