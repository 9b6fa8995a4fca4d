import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUICK } from '../../bench/quickModel.js';
import { makeDataset, runCli, scratchFolder } from '../cli.js';
import { makeStore } from '../embeddings/npyFiles.js';
import { samplePairs } from '../selection/samples.js';

const folder = scratchFolder();
const PAIRS = 60;

interface Printed {
  ids: number[];
  subset: string;
  evaluation: {
    note: string | null;
    columns: { name: string; pairs: number; values: Record<string, { mean: number } | null> }[];
  };
}

async function select(source: string, ...options: string[]): Promise<Printed> {
  const args = ['select', source, '--budget', '100%', '--kmeans', '2', ...QUICK, '--json'];
  const { stdout, stderr, code } = await runCli(...args, ...options);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Printed;
}

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const others = (ids: number[], count: number): number[] => all(count).filter((id) => !ids.includes(id));

describe('--holdout', () => {
  it('keeps a share of the pairs out of selection by id and seed, and evaluates on them', async () => {
    const table = await makeDataset(join(folder, 'pairs'), PAIRS);
    const found = await select(table, '--holdout', '20%', '--evaluate');
    const heldOut = others(found.ids, PAIRS);
    expect(heldOut.length).toBeGreaterThan(4);
    expect(heldOut.length).toBeLessThan(22);
    expect(found.evaluation.note).toBe(
      `Linear CLIP is tried on ${heldOut.length} pairs that were kept out of selection (--holdout).`,
    );
    const [own, , , full] = found.evaluation.columns;
    expect([own!.pairs, full!.pairs]).toEqual([found.ids.length, found.ids.length]);
    expect(own!.values['linear-cosine-text-1']!.mean).toBeGreaterThan(0);
    // Another seed holds others out.
    expect(others((await select(table, '--holdout', '20%', '--seed', '7')).ids, PAIRS)).not.toEqual(heldOut);
    // A dataset that grows leaves its pairs where they were.
    const grown = join(folder, 'pairs', 'grown.csv');
    const lines = readFileSync(table, 'utf8').trimEnd();
    writeFileSync(grown, `${lines}\nimages/1.png,another caption\nimages/2.png,one more\n`);
    const after = others((await select(grown, '--holdout', '20%')).ids, PAIRS + 2);
    expect(after.filter((id) => id < PAIRS)).toEqual(heldOut);

    const { subset } = await select(table, '--holdout', '20%', '--budget', '10');
    const again = await runCli('evaluate', table, '--subset', subset, ...QUICK, '--json');
    expect(again.code, again.stderr).toBe(0);
    expect((JSON.parse(again.stdout) as Printed['evaluation']).note).toBe(found.evaluation.note);
    const explained = await runCli('explain', subset, String(heldOut[0]), ...QUICK);
    expect(explained.stdout).toMatch(/held out of selection/);
  });

  it('takes a list of ids, and is refused for a bare store', async () => {
    const table = join(folder, 'pairs', 'pairs.csv');
    const list = join(folder, 'ids.txt');
    writeFileSync(list, '3\n41\n17\n');
    const { ids, subset } = await select(table, '--holdout', list);
    expect(others(ids, PAIRS)).toEqual([3, 17, 41]);
    const evaluated = await runCli('evaluate', table, '--subset', subset, ...QUICK, '--json');
    expect((JSON.parse(evaluated.stdout) as Printed['evaluation']).note).toMatch(
      /on 3 pairs that were kept out/,
    );
    const store = makeStore(join(folder, 'bare'), [{ number: '0', ...samplePairs(1, 30, 6) }]);
    const refused = await runCli('select', store, '--budget', '5', '--holdout', '10%', '--device', 'cpu');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/bare store cannot be held out/),
    ]);
  });

  it('without it, linear CLIP is fitted without the pairs it is tried on, and the result says so', async () => {
    const { evaluation } = await select(join(folder, 'pairs', 'pairs.csv'), '--evaluate');
    expect(evaluation.note).toBe(
      'Linear CLIP is tried on 12 pairs that selection could pick; it is fitted on each set without those of them that it holds.',
    );
  });
});
