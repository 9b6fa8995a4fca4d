import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JobContext } from '../../../server/context.js';
import { readSubset } from '../../../server/export/subsetDocument.js';
import { explainJob } from '../../../server/jobs/explainJob.js';
import {
  distributions,
  openPairs,
  page,
  pairAt,
  pairClasses,
  pairsById,
} from '../../../server/jobs/pairQueries.js';
import { readPairsJob } from '../../../server/jobs/readPairsJob.js';
import { reselectJob } from '../../../server/jobs/reselectJob.js';
import { selectJob } from '../../../server/jobs/selectJob.js';
import type { PairPage, PairRow } from '../../../server/protocol/pairs.js';
import { pairViewSchema, type PairFilter, type PairView } from '../../../server/protocol/pairView.js';
import { selectSchema } from '../../../server/protocol/selection.js';
import { scratchFolder } from '../cli.js';
import { makeStore } from '../embeddings/npyFiles.js';
import { metadataFile } from '../export/subsets.js';

/** 60 pairs of a store with captions, the last with a zero row; 12 of them picked, and 9 by random. */
const PAIRS = 60;
const folder = join(scratchFolder(), 'store');
const context: JobContext = { report: () => undefined, cancelled: () => false };
const source = { source: folder, device: 'cpu' as const, memory: 2, approvedRoots: [] };
const CAPTIONS = ['Straße 100% _sure_', "it's; DROP TABLE pairs --", 'tab\there', 'ΑΒΓ alpha'];
let subset: string;

const caption = (id: number): string => CAPTIONS[id] ?? `caption ${id}`;
const look = (view: Partial<PairView> = {}, offset = 0, limit = 500): Promise<PairPage> =>
  page({ subset, offset, limit, view: pairViewSchema.parse(view), terms: true });
const idsOf = async (where: PairFilter): Promise<number[]> =>
  (await look({ sort: 'id', where })).rows.map(({ id }) => id);

async function select(options: object): Promise<string> {
  const report = await selectJob(
    selectSchema.parse({ ...source, kmeans: 4, evaluate: false, ...options }),
    context,
  );
  return report.subset;
}

beforeAll(async () => {
  const random = (seed: number): number =>
    Math.sin(seed * 12.9898) * 43758.5453 - Math.floor(Math.sin(seed * 12.9898) * 43758.5453) - 0.5;
  const rows = (side: number): number[][] =>
    Array.from({ length: PAIRS }, (_, i) =>
      Array.from({ length: 6 }, (_, j) => (i === PAIRS - 1 ? 0 : random(1 + 2 * (6 * i + j) + side))),
    );
  makeStore(folder, [{ number: '0', images: rows(0), texts: rows(1) }]);
  await metadataFile(
    join(folder, 'metadata', 'metadata_0.parquet'),
    Array.from({ length: PAIRS }, (_, id) => ({
      image_path: `'images/${id}.png'`,
      caption: `'${caption(id).replaceAll("'", "''")}'`,
    })),
  );
  subset = await select({ budget: '12', out: 'twelve' });
  await select({ budget: '9', method: 'random', out: 'random' });
});

describe('before the table of all pairs is there', () => {
  it('shows the picks, by rank and in any other order', async () => {
    expect(await openPairs({ subset })).toEqual({
      complete: false,
      others: [{ name: 'random', method: 'random', picks: 9 }],
    });
    const byRank = await look();
    expect(byRank.total).toBe(12);
    expect(byRank.rows.map(({ rank }) => rank)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(byRank.rows[0]!.terms).toBeNull();
    const byScore = await look({ sort: 'clipScore', descending: true }, 2, 3);
    const scores = byRank.rows.map(({ clipScore }) => clipScore!).sort((a, b) => b - a);
    expect(byScore.rows.map(({ clipScore }) => clipScore)).toEqual(scores.slice(2, 5));
  });

  it('has the picks by their rows of the store as well, which are their ids here, and no other pair', async () => {
    const { rows: picks } = await look();
    for (const pick of picks) expect(await pairAt({ subset, row: pick.id })).toEqual(pick);
    const row = Array.from({ length: PAIRS }, (_, id) => id).find(
      (id) => !picks.some((one) => one.id === id),
    );
    expect(await pairAt({ subset, row: row! })).toBeNull();
    expect(await pairAt({ subset, row: 2 ** 40 })).toBeNull();
  });

  it('says of each number of picks how low their scores go, and how they are spread', async () => {
    const { curve, scores: whole } = await distributions({ subset });
    const { rows: picks } = await look();
    expect(curve).toHaveLength(picks.length);
    expect(curve.at(-1)!.scores).toEqual(whole.picked);
    const width = (whole.to - whole.from) / whole.picked.length;
    for (const { picks: number, lowest, scores } of curve) {
      const own = picks.slice(0, number).map(({ clipScore }) => clipScore!);
      expect(lowest).toBe(Math.min(...own));
      const binned = new Array<number>(scores.length).fill(0);
      for (const one of own) binned[Math.min(scores.length - 1, Math.floor((one - whole.from) / width))]!++;
      expect(scores).toEqual(binned);
    }
  });
});

describe('all pairs of a dataset', () => {
  let all: PairRow[];
  beforeAll(async () => {
    await readPairsJob({ ...source, subset }, context);
    all = (await look({ sort: 'id' })).rows;
  });

  it('are there, picked and dropped, with their terms', async () => {
    expect(await openPairs({ subset })).toMatchObject({ complete: true });
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: PAIRS }, (_, id) => id));
    expect(all.map((row) => row.caption)).toEqual(all.map(({ id }) => caption(id)));
    expect(all.filter(({ rank }) => rank !== null)).toHaveLength(12);
    expect(all.at(-1)).toMatchObject({ left: 'unusable', latentClass: null, terms: null, rank: null });
    for (const row of all) expect(await pairAt({ subset, row: row.id })).toEqual(row);
  });

  it('have the terms that an explanation gives', async () => {
    for (const row of [all.find(({ rank }) => rank === 0)!, all.find(({ rank }) => rank === null)!]) {
      const { gain, latentClass, neighbours } = await explainJob({ ...source, subset, id: row.id }, context);
      const { weights } = (await readSubset(subset)).parameters;
      expect(row.latentClass).toBe(latentClass);
      expect(gain!.terms.cross).toBeCloseTo(weights.cross * row.terms!.cross, 9);
      expect(gain!.terms.self).toBeCloseTo(weights.self * row.clipScore!, 9);
      expect(gain!.terms.inter).toBeCloseTo(-weights.inter * row.terms!.inter, 9);
      const ofClass = all.filter((one) => one.latentClass === latentClass && one.id !== row.id);
      const ranks = new Map(ofClass.map(({ id, rank }) => [id, rank]));
      expect(neighbours.dropped.length).toBe(Math.min(6, ofClass.filter(({ rank }) => rank === null).length));
      expect(neighbours.picked.length).toBe(Math.min(6, ofClass.filter(({ rank }) => rank !== null).length));
      for (const { id, rank } of [...neighbours.picked, ...neighbours.dropped])
        expect(ranks.get(id)).toBe(rank);
    }
  });

  it.each(['gain', 'clipScore', 'cross', 'label', 'inter', 'rank'] as const)(
    'are sorted by %s both ways, those without a value last',
    async (sort) => {
      const value = (row: PairRow): number | null =>
        sort === 'cross' || sort === 'label' || sort === 'inter' ? (row.terms?.[sort] ?? null) : row[sort];
      for (const descending of [false, true]) {
        const { rows } = await look({ sort, descending });
        const sign = descending ? -1 : 1;
        const expected = [...all].sort((a, b) => {
          const [one, other] = [value(a), value(b)];
          if (one === null || other === null)
            return Number(one === null) - Number(other === null) || a.id - b.id;
          return sign * (one - other) || a.id - b.id;
        });
        expect(rows.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }
    },
  );

  it('are found by what their captions hold, letter by letter', async () => {
    expect(await idsOf({ search: '100% _' })).toEqual([0]);
    expect(await idsOf({ search: '%' })).toEqual([0]);
    expect(await idsOf({ search: 'STRASSE' })).toEqual([]);
    expect(await idsOf({ search: 'straße' })).toEqual([0]);
    expect(await idsOf({ search: "IT'S; drop table" })).toEqual([1]);
    expect(await idsOf({ search: 'αβγ' })).toEqual([3]);
    expect(await idsOf({ search: '.*' })).toEqual([]);
  });

  it('are filtered by ranges, classes, selection and other subsets', async () => {
    const scored = all.filter(({ clipScore }) => clipScore !== null);
    const middle = scored.map(({ clipScore }) => clipScore!).sort((a, b) => a - b)[30]!;
    const above = scored.filter(({ clipScore }) => clipScore! >= middle).map(({ id }) => id);
    expect(await idsOf({ ranges: { clipScore: { from: middle } } })).toEqual(above);
    expect(await idsOf({ ranges: { rank: { from: 2, to: 4 } } })).toHaveLength(3);
    const { name } = (await pairClasses({ subset, where: {} }))[0]!;
    expect(await idsOf({ classes: [name!] })).toEqual(
      all.filter(({ latentClass }) => latentClass === name).map(({ id }) => id),
    );
    const picked = all.filter(({ rank }) => rank !== null).map(({ id }) => id);
    expect(await idsOf({ selected: true })).toEqual(picked);
    const both = await idsOf({ selected: true, others: [{ name: 'random', picked: true }] });
    const mine = await idsOf({ selected: true, others: [{ name: 'random', picked: false }] });
    expect([...both, ...mine].sort((a, b) => a - b)).toEqual(picked);
    expect(await idsOf({ others: [{ name: 'random', picked: true }] })).toHaveLength(9);
    expect(await idsOf({ others: [{ name: 'gone', picked: true }] })).toEqual([]);
  });

  it('are grouped by class as the classes are listed', async () => {
    const classes = await pairClasses({ subset, where: {} });
    const { rows } = await look({ byClass: true, sort: 'clipScore' });
    const seen = classes.flatMap(({ name, pairs }) => Array<string | null>(pairs).fill(name));
    expect(rows.map(({ latentClass }) => latentClass)).toEqual(seen);
    expect(classes.reduce((sum, { picks }) => sum + picks, 0)).toBe(12);
    expect((await pairsById({ subset, ids: [3, 1, 999] })).map(({ id }) => id).sort()).toEqual([1, 3]);
  });

  it('are read again where the table was damaged, and the picks are shown meanwhile', async () => {
    const tables = join(folder, '.clipcov', 'images', 'pairs');
    const [table] = readdirSync(tables);
    writeFileSync(join(tables, table!), 'no table');
    await expect(look({ sort: 'cross' })).rejects.toMatchObject({ code: 'pairs-unreadable' });
    expect(await openPairs({ subset })).toMatchObject({ complete: false });
    expect((await look()).total).toBe(12);
    await readPairsJob({ ...source, subset }, context);
    expect((await look({ sort: 'id' })).rows).toEqual(all);
  });
});

describe('selecting again with pairs forced in and out', () => {
  it('keeps all else, records the lists, and replaces the subset or makes another', async () => {
    const before = (await look({ where: { selected: true } })).rows;
    const [out, stays] = [before[0]!.id, before[5]!.id];
    const dropped = (await look({ where: { selected: false }, sort: 'clipScore' })).rows[0]!.id;
    const another = await reselectJob(
      { ...source, subset, include: [dropped], exclude: [out], out: 'edited' },
      context,
    );
    const document = await readSubset(another.subset);
    const { include, exclude, ...parameters } = document.parameters;
    expect(include).toMatch(/^edited\.include-[0-9a-f]{8}\.txt$/);
    expect(exclude).toMatch(/^edited\.exclude-[0-9a-f]{8}\.txt$/);
    expect(parameters).toMatchObject({ budget: '12', method: 'clipcov' });
    const of = async (file: string): Promise<number[]> =>
      (await page({ subset: file, offset: 0, limit: 500, view: pairViewSchema.parse({}), terms: false })).rows
        .filter(({ rank }) => rank !== null)
        .map(({ id }) => id);
    const picked = await of(another.subset);
    expect(picked).toHaveLength(12);
    expect(picked[0]).toBe(dropped);
    expect(picked).not.toContain(out);
    // Once more on what was made, in place: earlier marks stand unless they are taken back.
    await reselectJob({ ...source, subset: another.subset, include: [out], exclude: [stays] }, context);
    const again = await of(another.subset);
    expect(again.slice(0, 2).sort()).toEqual([dropped, out].sort());
    expect(again).not.toContain(stays);
    const recorded = (await readSubset(another.subset)).parameters;
    const lists = readdirSync(join(folder, 'subsets')).filter((name) => name.startsWith('edited.'));
    expect(lists.filter((name) => name.endsWith('.txt')).sort()).toEqual(
      [recorded.include!, recorded.exclude!].sort(),
    );
    expect(existsSync(join(folder, 'subsets', 'edited.clipcov.json'))).toBe(true);
  });
});
