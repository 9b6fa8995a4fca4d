import type { Database } from '../dataset/database.js';
import type { Distributions } from '../protocol/pairs.js';
import { PairSql, type PairFiles } from './relation.js';

const BINS = 40;
/** Classes that are told apart. */
const CLASSES = 12;
/** Points of a curve. */
const POINTS = 200;
/** Subsets that are compared, and parts that are told. */
const [SUBSETS, PARTS] = [5, 12];

/** Everything that the plots of a subset show, binned where it is read: small however many pairs there are. */
export async function distributions(
  database: Database,
  files: PairFiles,
  name: string,
): Promise<Distributions> {
  const binned = await scores(database, files);
  return {
    scores: binned,
    classes: await classes(database, files),
    curve: await curve(database, files, binned),
    overlap: await overlap(database, files, name),
  };
}

async function scores(database: Database, files: PairFiles): Promise<Distributions['scores']> {
  const range = new PairSql(files);
  const [ends] = await database.all<{ low: number | null; high: number | null }>(
    `SELECT min(clip_score) AS low, max(clip_score) AS high FROM ${range.pairs()}`,
    range.values,
  );
  const from = ends?.low ?? 0;
  const to = Math.max(ends?.high ?? 1, from + 1e-6);
  const sql = new PairSql(files);
  const bins = await database.all<{ bin: number; pairs: number; picks: number }>(
    `SELECT ${bin(sql, from, to)} AS bin, count(*) AS pairs, count(rank) AS picks
     FROM ${sql.pairs()} WHERE clip_score IS NOT NULL GROUP BY bin`,
    sql.values,
  );
  const all = new Array<number>(BINS).fill(0);
  const picked = new Array<number>(BINS).fill(0);
  for (const { bin, pairs, picks } of bins) {
    all[bin] = pairs;
    picked[bin] = picks;
  }
  return { from, to, all: files.all === null ? null : all, picked };
}

function bin(sql: PairSql, from: number, to: number): string {
  return `CAST(least(${BINS - 1}, floor((clip_score - ${sql.bind(from)}) / ${sql.bind((to - from) / BINS)})) AS INTEGER)`;
}

async function classes(database: Database, files: PairFiles): Promise<Distributions['classes']> {
  const sql = new PairSql(files);
  const found = await database.all<{ name: string; pairs: number; picks: number }>(
    `SELECT latent_class AS name, count(*) AS pairs, count(rank) AS picks FROM ${sql.pairs()}
     WHERE latent_class IS NOT NULL GROUP BY latent_class ORDER BY pairs DESC, name`,
    sql.values,
  );
  const known = files.all !== null;
  const rest = found.slice(CLASSES);
  const sum = (of: 'pairs' | 'picks'): number => rest.reduce((total, one) => total + one[of], 0);
  return [
    ...found.slice(0, CLASSES).map(({ name, pairs, picks }) => ({
      name,
      all: known ? pairs : null,
      picked: picks,
    })),
    ...(rest.length > 0 ? [{ name: null, all: known ? sum('pairs') : null, picked: sum('picks') }] : []),
  ];
}

/** The order of the picks is nested: its first part is what a smaller budget would have picked. */
async function curve(
  database: Database,
  files: PairFiles,
  { from, to }: Distributions['scores'],
): Promise<Distributions['curve']> {
  const sql = new PairSql({ ...files, all: null });
  const points = await database.all<Omit<Distributions['curve'][number], 'scores'>>(
    `WITH picks AS (
       SELECT rank + 1 AS picks, gain, clip_score,
         row_number() OVER (PARTITION BY latent_class ORDER BY rank) = 1 AS is_first
       FROM ${sql.pairs()}
     ), sums AS (
       SELECT picks, sum(gain) OVER up_to AS gain, sum(CAST(is_first AS INTEGER)) OVER up_to AS classes,
         avg(clip_score) OVER up_to AS "clipScore", min(clip_score) OVER up_to AS lowest,
         max(picks) OVER () AS most
       FROM picks WINDOW up_to AS (ORDER BY picks ROWS UNBOUNDED PRECEDING)
     )
     SELECT picks, gain, CAST(classes AS INTEGER) AS classes, "clipScore", lowest FROM sums
     WHERE picks = most OR picks % greatest(1, most // ${POINTS}) = 0 ORDER BY picks`,
    sql.values,
  );
  const step = points[0]?.picks ?? 1;
  const counts = new PairSql({ ...files, all: null });
  const found = await database.all<{ part: number; bin: number; picks: number }>(
    `SELECT CAST(rank // ${counts.bind(BigInt(step))} AS INTEGER) AS part, ${bin(counts, from, to)} AS bin,
       count(*) AS picks
     FROM ${counts.pairs()} WHERE clip_score IS NOT NULL GROUP BY part, bin ORDER BY part`,
    counts.values,
  );
  const sums = new Array<number>(BINS).fill(0);
  let at = 0;
  return points.map((point) => {
    for (; at < found.length && found[at]!.part * step < point.picks; at++)
      sums[found[at]!.bin]! += found[at]!.picks;
    return { ...point, scores: [...sums] };
  });
}

async function overlap(
  database: Database,
  { picks, others }: PairFiles,
  name: string,
): Promise<Distributions['overlap']> {
  const compared = [[name, picks] as const, ...others].slice(0, SUBSETS);
  const sql = new PairSql({ picks, all: null, others });
  const each = compared.map(
    ([, file], i) => `SELECT row, ${2 ** i}::INTEGER AS part FROM ${sql.parquet(file)}`,
  );
  const parts = await database.all<{ part: number; pairs: number }>(
    `SELECT part, count(*) AS pairs FROM (
       SELECT row, CAST(sum(part) AS INTEGER) AS part FROM (${each.join(' UNION ALL ')}) GROUP BY row)
     GROUP BY part ORDER BY pairs DESC, part LIMIT ${PARTS}`,
    sql.values,
  );
  return {
    names: compared.map(([own]) => own),
    parts: parts.map(({ part, pairs }) => ({
      of: compared.flatMap((_, i) => (part & (2 ** i) ? [i] : [])),
      pairs,
    })),
  };
}
