/** What is known of every row of the demonstration data. It lies outside the dataset's folder: the product never reads it. */
import { readFileSync } from 'node:fs';

export const KINDS = [
  'clean',
  'mismatched',
  'boilerplate',
  'exact-duplicate',
  'near-duplicate',
  'truncated',
  'zero-byte',
] as const;
export type Kind = (typeof KINDS)[number];

export interface TruthRow {
  /** 0-based row of `pairs.csv`, which is the pair's id in ClipCov. */
  row: number;
  kind: Kind;
  /** The row that a duplicate copies. */
  of: number | null;
  /** Set and icon that the picture shows, whatever the caption says: `lucide:alarm-clock-plus`. */
  icon: string;
  /** The name that a right caption would use: `alarm clock plus`. */
  name: string;
  /** The one of icon-clip's class names that the icon belongs to. */
  latentClass: string | null;
}

export function readTruth(file: string): TruthRow[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TruthRow);
}

export function truthText(rows: readonly TruthRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

export function countKinds(rows: readonly { kind: Kind }[]): Record<Kind, number> {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const row of rows) counts[row.kind] += 1;
  return counts;
}
