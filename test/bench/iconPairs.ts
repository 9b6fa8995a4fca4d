import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { assemble, DEFAULT_OUT } from '../demo/assemble.js';
import { readTruth } from '../demo/truth.js';

/** A dataset for the product, and the same pairs as a list for what it is measured against. */
export interface IconPairs {
  table: string;
  list: string;
  pairs: number;
}

/**
 * The first `pairs` of the demonstration data whose picture can be decoded and is no copy of an earlier one: the product
 * embeds equal images once, which is no merit of its speed. Kept for the next run.
 */
export async function iconPairs(folder: string, pairs: number): Promise<IconPairs> {
  const made = { table: join(folder, 'pairs.csv'), list: `${folder}.tsv`, pairs };
  const { table, truth } = await assemble(DEFAULT_OUT);
  if (existsSync(made.list) && existsSync(made.table)) return made;
  const aside = `${folder}.tmp`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  const kinds = readTruth(truth).map(({ kind }) => kind);
  const rows = parse(readFileSync(table), { from_line: 2 }) as [string, string][];
  const seen = new Set<string>();
  const taken: [string, string][] = [];
  for (const [row, [image, caption]] of rows.entries()) {
    if (taken.length === pairs) break;
    if (kinds[row] === 'truncated' || kinds[row] === 'zero-byte') continue;
    const hash = createHash('sha256')
      .update(readFileSync(join(DEFAULT_OUT, image)))
      .digest('hex');
    if (seen.has(hash)) continue;
    seen.add(hash);
    copyFileSync(join(DEFAULT_OUT, image), join(aside, basename(image)));
    taken.push([basename(image), caption]);
  }
  if (taken.length < pairs) throw new Error(`the demonstration data has ${taken.length} such pairs`);
  const lines = taken.map(([image, caption]) => `${image}\t${caption}\n`);
  writeFileSync(join(aside, 'pairs.csv'), `filepath\ttitle\n${lines.join('')}`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
  writeFileSync(made.list, taken.map(([image, caption]) => `${join(folder, image)}\t${caption}\n`).join(''));
  return made;
}

/** Path and caption of each line of a list. */
export function readPairs(list: string): [string, string][] {
  return readFileSync(list, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t') as [string, string]);
}
