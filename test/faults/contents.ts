import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** The files in which two of them differ, in words; null where they agree. */
export function difference(expected: Map<string, string>, found: Map<string, string>): string | null {
  const differing = [
    ...[...expected]
      .filter(([name, hash]) => found.get(name) !== hash)
      .map(([name]) => `${name} ${found.has(name) ? 'differs' : 'is missing'}`),
    ...[...found.keys()].filter((name) => !expected.has(name)).map((name) => `${name} was left behind`),
  ];
  return differing.length === 0 ? null : differing.join(', ');
}

/** How far two folders differ in a file that both have: whoever reads of a rare failure cannot look at the files any more. */
export function howTheyDiffer(folders: [string, string], name: string): string {
  const [a, b] = folders.map((folder) => readFileSync(join(folder, name))) as [Buffer, Buffer];
  if (name.endsWith('.jsonl')) return `${name}:\n${a.toString()}against\n${b.toString()}`;
  const places = [...a.keys()].filter((at) => a[at] !== b[at]);
  return `${name}: ${a.length} and ${b.length} bytes, ${places.length} of them differ, from ${places[0]} to ${places.at(-1)}`;
}
