import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { result } from '../server/storeResult.js';

/** Caches: made again wherever they are not as they should be. */
const CACHE = /[/\\]catalogue\.duckdb$|\.(classified|classes)$/;

/**
 * Every file that ClipCov keeps or wrote of a dataset, with the hash of its bytes: all that are results, and unfinished files
 * and locks if there are any.
 */
export function contentsOf(dataset: string, parts = ['.clipcov', 'subsets', 'out']): Map<string, string> {
  const files = new Map<string, string>();
  for (const part of parts) {
    if (!existsSync(join(dataset, part))) continue;
    for (const entry of readdirSync(join(dataset, part), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || CACHE.test(path)) continue;
      files.set(relative(dataset, path), createHash('sha256').update(result(path)).digest('hex'));
    }
  }
  return files;
}

/** The first file in which two of them differ, in words; null where they agree. */
export function difference(expected: Map<string, string>, found: Map<string, string>): string | null {
  for (const [name, hash] of expected)
    if (found.get(name) !== hash) return `${name} ${found.has(name) ? 'differs' : 'is missing'}`;
  const more = [...found.keys()].find((name) => !expected.has(name));
  return more === undefined ? null : `${more} was left behind`;
}
