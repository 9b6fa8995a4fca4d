import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../../server/protocol/pairs.js';
import { quickModel } from '../../bench/quickModel.js';
import { makeDataset, runCli, scratchFolder } from '../cli.js';

const folder = scratchFolder();
const EMBEDDED = ['--device', 'cpu', '--model', quickModel()];
interface Selected {
  subset: string;
  ids: number[];
  gains: number[];
}
let whole: Selected;

async function select(...options: string[]): Promise<Selected> {
  const ran = await runCli('select', folder, ...EMBEDDED, '--json', ...options);
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout) as Selected;
}

async function explain(subset: string, id: number): Promise<Explanation> {
  const ran = await runCli('explain', subset, String(id), ...EMBEDDED, '--json');
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout) as Explanation;
}

beforeAll(async () => {
  // 30 pairs; 30 repeats pair 4, 31 has no image, 32 is pair 5 with another caption.
  const extra = ['images/4.png,picture number 4', 'images/none.png,nothing', 'images/5.png,another caption'];
  await makeDataset(folder, 30, extra);
  whole = await select('--budget', '10', '--kmeans', '3', '--out', 'ten');
});

describe('clipcov explain', () => {
  it('gives the terms of every pick: they add up to the gain that it was picked with', async () => {
    for (const rank of [0, 4, 9]) {
      const found = await explain(whole.subset, whole.ids[rank]!);
      expect(found).toMatchObject({ outcome: 'picked', rank });
      expect(found.gain!.value).toBeCloseTo(whole.gains[rank]!, 9);
      expect(found.classPicks).toBeGreaterThan(0);
      expect(found.caption).toBe(found.id === 32 ? 'another caption' : `picture number ${found.id}`);
    }
  });

  it('says what left a pair out', async () => {
    const dropped = Array.from({ length: 30 }, (_, id) => id).find((id) => !whole.ids.includes(id))!;
    const behind = await explain(whole.subset, dropped);
    expect(behind.outcome).toBe('behind');
    expect(behind.reason).toMatch(/would gain -?\d+\.\d+, less than the last pick's/);
    expect(behind.gain!.value).toBeLessThanOrEqual(whole.gains.at(-1)! + 1e-9);
    expect(await explain(whole.subset, 30)).toMatchObject({ outcome: 'exact-duplicate' });
    const unusable = await explain(whole.subset, 31);
    expect(unusable.outcome).toBe('unusable');
    expect(unusable.reason).toMatch(/image file is missing \(images\/none\.png\)/);
    const unknown = await runCli('explain', whole.subset, '99', ...EMBEDDED);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/no pair with the id 99/)]);
  });

  it('names the filter and the list that left a pair out', async () => {
    const near = await select(
      '--budget',
      '10',
      '--kmeans',
      '3',
      '--near-duplicates',
      '0.001',
      '--out',
      'near',
    );
    const [one, other] = [await explain(near.subset, 5), await explain(near.subset, 32)];
    const filtered = one.outcome === 'filtered' ? one : other;
    expect(filtered.outcome).toBe('filtered');
    expect(filtered.reason).toMatch(/^A near duplicate of a pair with a better CLIP score/);
    const list = join(folder, 'not.txt');
    writeFileSync(list, '3\n\n7\n');
    const less = await select('--budget', '20', '--kmeans', '3', '--exclude', list, '--out', 'less');
    expect(less.ids).not.toContain(3);
    expect(await explain(less.subset, 7)).toMatchObject({
      outcome: 'filtered',
      reason: 'It is on the list of pairs to leave out.',
    });
  });
});

describe('lists, quotas and steps', () => {
  it('are kept, and recorded in the subset', async () => {
    const list = join(folder, 'first.txt');
    writeFileSync(list, '9\n2\n');
    const method = 'clip-score:80% | random';
    const found = await select(
      ...['--budget', '6', '--kmeans', '3', '--method', method, '--include', list, '--class-quota', '3'],
    );
    expect(found.ids.slice(0, 2)).toEqual([9, 2]);
    expect(found.ids).toHaveLength(6);
    const document = JSON.parse(readFileSync(found.subset, 'utf8')) as { parameters: object };
    expect(document.parameters).toMatchObject({
      method,
      classQuota: '3',
      include: '../first.txt',
      exclude: null,
    });
    expect(found.subset).toMatch(/subsets\/clip-score-80pct-random-6\.clipcov\.json$/);
  });

  it('are refused with file and line, or with what is known', async () => {
    const list = join(folder, 'bad.txt');
    writeFileSync(list, '1\ntwo\n');
    for (const [options, code, says] of [
      [['--include', list], 1, /bad\.txt:2/],
      [['--exclude', join(folder, 'no.txt')], 1, /no\.txt/],
      [['--method', 'best'], 2, /'best' is none of clipcov/],
      [['--method', 'norm-sim'], 1, /--target/],
      [['--method', 'c-rho'], 1, /--early/],
    ] as const) {
      const ran = await runCli('select', folder, '--budget', '5', '--kmeans', '3', ...EMBEDDED, ...options);
      expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(says)]);
    }
  });
});

describe('--classes imagenet-1k', () => {
  it('takes the names that come with the product, and says so', async () => {
    const found = await select('--budget', '5', '--classes', 'imagenet-1k', '--out', 'imagenet');
    const document = JSON.parse(readFileSync(found.subset, 'utf8')) as { classes: object };
    expect(document.classes).toEqual({
      kind: 'bundled',
      name: 'imagenet-1k',
      count: 1000,
      description: 'zero-shot, 1000 names of imagenet-1k',
    });
    expect(await explain(found.subset, found.ids[0]!)).toMatchObject({ outcome: 'picked', rank: 0 });
  }, 120_000);
});

describe('several budgets', () => {
  it('are nested subsets of one run, each with its own objective', async () => {
    const many = await select('--budget', '12, 4,8', '--kmeans', '3', '--out', 'many');
    const names = (many as unknown as { subsets: { budget: string; subset: string }[] }).subsets;
    expect(names.map(({ budget }) => budget)).toEqual(['4', '8', '12']);
    expect(many.subset).toBe(names[2]!.subset);
    for (const { budget, subset } of names) {
      const alone = await select('--budget', budget, '--kmeans', '3', '--out', `alone-${budget}`);
      expect(alone.ids).toEqual(many.ids.slice(0, Number(budget)));
      const [one, other] = [subset, alone.subset].map(
        (file) => JSON.parse(readFileSync(file, 'utf8')) as { objective: { value: number }; picks: number },
      );
      expect(one!.picks).toBe(other!.picks);
      expect(one!.objective.value).toBeCloseTo(other!.objective.value, 9);
    }
    const cut = await runCli('cut', many.subset, '--budget', '8', '--out', 'cut', ...EMBEDDED, '--json');
    expect(cut.code, cut.stderr).toBe(0);
    const made = JSON.parse(cut.stdout) as { subset: string; picks: number };
    expect(made.picks).toBe(8);
    const [own, eight] = [made.subset, names[1]!.subset].map(
      (file) => JSON.parse(readFileSync(file, 'utf8')) as object,
    );
    expect({ ...own, picksFile: '' }).toEqual({ ...eight, picksFile: '' });
  });
});
