/**
 * How much of each planted fault a subset of the demonstration data picked: a judgement that needs no model, against
 * the ground truth that test/demo/assemble.ts leaves beside the dataset.
 */
import { readTruth, type TruthRow } from '../demo/truth.js';
import { className } from '../demo/zipf.js';

/** Counts of one subset; a share is a count over `picks`. */
export interface GroundTruthRow {
  subset: string;
  picks: number;
  mismatched: number;
  boilerplate: number;
  /** Picks labelled as exact duplicates, whether or not what they copy is picked. */
  exactDuplicates: number;
  /** Picks of one picture and caption beyond the first: really picked twice. */
  exactRepeats: number;
  /** Near duplicates whose original, or another copy of it, is picked; of copies alone all but one. */
  nearRepeats: number;
  /** Truncated and empty files; any is an error of the selection. */
  unreadable: number;
  /** The model's classes among the pictures' true ones, of those in the whole data. */
  classes: { covered: number; present: number };
  /** All true classes, icons of none of the model's by their own names. */
  names: { covered: number; present: number };
}

/** One row a subset; `rows` are the picks by dataset row, under the subset's name. */
export function groundTruthTable(
  rows: Readonly<Record<string, readonly number[]>>,
  truthFile: string,
): GroundTruthRow[] {
  const truth = readTruth(truthFile);
  return Object.entries(rows).map(([subset, picks]) => groundTruthOf(subset, picks, truth));
}

/** `truth` is the whole file, in order of rows. */
export function groundTruthOf(
  subset: string,
  picks: readonly number[],
  truth: readonly TruthRow[],
): GroundTruthRow {
  const picked = picks.map((id) => {
    const row = truth[id];
    if (row === undefined || row.row !== id) throw new Error(`${subset}: the ground truth has no row ${id}`);
    return row;
  });
  const count = (...kinds: TruthRow['kind'][]): number =>
    picked.filter((row) => kinds.includes(row.kind)).length;
  return {
    subset,
    picks: picked.length,
    mismatched: count('mismatched'),
    boilerplate: count('boilerplate'),
    exactDuplicates: count('exact-duplicate'),
    ...repeats(picked),
    unreadable: count('truncated', 'zero-byte'),
    classes: coverage(picked, truth, (row) => row.latentClass),
    names: coverage(picked, truth, className),
  };
}

/** A family is a pair and all its copies: every pick of it beyond the first is one repeat, exact or near. */
function repeats(picked: readonly TruthRow[]): { exactRepeats: number; nearRepeats: number } {
  const families = new Map<number, { same: number; near: number }>();
  for (const row of picked) {
    const family = families.get(row.of ?? row.row) ?? { same: 0, near: 0 };
    if (row.kind === 'near-duplicate') family.near += 1;
    else family.same += 1;
    families.set(row.of ?? row.row, family);
  }
  let exactRepeats = 0;
  let nearRepeats = 0;
  for (const { same, near } of families.values()) {
    exactRepeats += Math.max(0, same - 1);
    nearRepeats += same > 0 ? near : Math.max(0, near - 1);
  }
  return { exactRepeats, nearRepeats };
}

function coverage(
  picked: readonly TruthRow[],
  truth: readonly TruthRow[],
  nameOf: (row: TruthRow) => string | null,
): { covered: number; present: number } {
  const distinct = (rows: readonly TruthRow[]): number =>
    new Set(rows.map(nameOf).filter((name) => name !== null)).size;
  return { covered: distinct(picked), present: distinct(truth) };
}

/** A plain text table, numbers aligned to the right, without a trailing line break. */
export function renderGroundTruth(table: readonly GroundTruthRow[]): string {
  const header = [
    'subset',
    'picks',
    'mismatched',
    'boilerplate',
    'exact dup. rows',
    'exact repeats',
    'near repeats',
    'unreadable',
    'classes',
    'names',
  ];
  const cells = table.map((row) => {
    const share = (count: number): string => `${((100 * count) / Math.max(1, row.picks)).toFixed(1)} %`;
    return [
      row.subset,
      String(row.picks),
      share(row.mismatched),
      share(row.boilerplate),
      share(row.exactDuplicates),
      share(row.exactRepeats),
      share(row.nearRepeats),
      String(row.unreadable),
      `${row.classes.covered}/${row.classes.present}`,
      `${row.names.covered}/${row.names.present}`,
    ];
  });
  const lines = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
