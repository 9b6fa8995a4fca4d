/** The web's noise at known rates: which rows of the demonstration data are what, and which row a duplicate copies. */
import { between, oneOf, type Random } from './random.js';
import type { Kind } from './truth.js';

/**
 * The one table of rates, as shares of the readable pairs. The kinds are disjoint: a row has one fault at most, and
 * a duplicate copies a clean pair, so it shares its right caption. The rest of the readable pairs is clean.
 * Unreadable rows come on top of the readable ones (of 9,600 pairs: 24 truncated and 12 empty files).
 */
export const NOISE: Readonly<Record<Exclude<Kind, 'clean'>, number>> = {
  /** The caption of another picture, with no word in common. */
  mismatched: 0.25,
  /** A file name or a phrase that says nothing about the picture. */
  boilerplate: 0.1,
  /** The same bytes and the same caption under another file name. */
  'exact-duplicate': 0.1,
  /** Cropped by a few pixels, tinted, encoded anew; the caption reworded. */
  'near-duplicate': 0.1,
  truncated: 1 / 400,
  'zero-byte': 1 / 800,
};

/**
 * Class imbalance is Zipf's: the class of rank r holds pairs in proportion to 1 / r^s. At 0.7 the first class holds
 * about 2 % of the pairs and more than half of all classes hold one pair or none.
 */
export const CLASS_EXPONENT = 0.7;

export interface PlannedRow {
  kind: Kind;
  /** The earlier row that a duplicate copies. */
  of: number | null;
}

/** How many rows of each kind `pairs` readable pairs have; at least one unreadable file of each sort. */
export function plannedCounts(pairs: number): Record<Kind, number> {
  const share = (kind: Exclude<Kind, 'clean'>): number => Math.round(pairs * NOISE[kind]);
  const counts = {
    mismatched: share('mismatched'),
    boilerplate: share('boilerplate'),
    'exact-duplicate': share('exact-duplicate'),
    'near-duplicate': share('near-duplicate'),
  };
  const noisy = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    ...counts,
    clean: pairs - noisy,
    truncated: Math.max(1, share('truncated')),
    'zero-byte': Math.max(1, share('zero-byte')),
  };
}

/** All rows in table order. Kinds are mixed at random; a duplicate stands anywhere behind the pair that it copies. */
export function planRows(pairs: number, random: Random): PlannedRow[] {
  const counts = plannedCounts(pairs);
  if (counts.clean < 1) throw new Error(`${pairs} pairs are too few to plan noise for`);
  const drawn = (['clean', 'mismatched', 'boilerplate', 'truncated', 'zero-byte'] as const).flatMap((kind) =>
    Array.from({ length: counts[kind] }, (): Placed => ({ kind, place: random(), of: null })),
  );
  const originals = drawn.filter((row) => row.kind === 'clean');
  const copies = (['exact-duplicate', 'near-duplicate'] as const).flatMap((kind) =>
    Array.from({ length: counts[kind] }, (): Placed => {
      const of = oneOf(random, originals);
      return { kind, place: between(random, of.place, 1), of };
    }),
  );
  // The sort is stable: at an equal place the original goes before its copy.
  const ordered = [...drawn, ...copies].sort((a, b) => a.place - b.place);
  const rowOf = new Map(ordered.map((row, index) => [row, index]));
  return ordered.map(({ kind, of }) => ({ kind, of: of === null ? null : (rowOf.get(of) ?? null) }));
}

interface Placed {
  kind: Kind;
  /** Where in the table, from 0 (first) to 1 (last). */
  place: number;
  of: Placed | null;
}
