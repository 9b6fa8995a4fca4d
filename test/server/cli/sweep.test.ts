import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EvaluationReport, KeptEvaluations, SweepReport } from '../../../server/protocol/evaluation.js';
import { runCli, scratchFolder, startCli } from '../cli.js';
import { makeStore } from '../embeddings/npyFiles.js';
import { samplePairs } from '../selection/samples.js';

const folder = scratchFolder();
const store = makeStore(join(folder, 'store'), [
  { number: '0', ...samplePairs(3, 900, 12, { repeats: 0.2 }) },
]);
const measured = join(store, '.clipcov', 'images', 'measured');
const METHODS = 'clipcov,clip-score,near-duplicates:0.01 | clipcov,random';
const ARGS = [
  'sweep',
  store,
  '--budgets',
  '5%,20%',
  '--methods',
  METHODS,
  '--seeds',
  '3',
  '--kmeans',
  '6',
  '--device',
  'cpu',
];

async function sweep(...options: string[]): Promise<SweepReport> {
  const { stdout, stderr, code } = await runCli(...ARGS, '--json', ...options);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as SweepReport;
}

it('measures every method at every budget, as select and evaluate do one by one', async () => {
  const out = join(folder, 'sweep.json');
  const { budgets } = await sweep('--out', out);
  expect(budgets.map(({ budget, pairs }) => [budget, pairs])).toEqual([
    ['5%', 45],
    ['20%', 180],
  ]);
  for (const { pairs, report } of budgets) {
    expect(report.columns.map(({ name, pairs: own, seeds }) => [name, own, seeds])).toEqual([
      ['clipcov', pairs, 1],
      ['clip-score', pairs, 1],
      ['near-duplicates:0.01 | clipcov', pairs, 1],
      ['random', pairs, 3],
      ['all pairs', 900, 1],
    ]);
    for (const column of report.columns)
      for (const [name, value] of Object.entries(column.values))
        expect(value, `${column.name} ${name}`).not.toBeNull();
    // The full set is no distance from itself.
    expect(report.columns.at(-1)!.values['covarianceError']).toEqual({ mean: 0, sd: 0 });
    expect(report.columns[3]!.values['clipScore']!.sd).toBeGreaterThan(0);
  }
  const args = [
    'select',
    store,
    '--budget',
    '20%',
    '--kmeans',
    '6',
    '--device',
    'cpu',
    '--evaluate',
    '--json',
  ];
  const alone = JSON.parse((await runCli(...args)).stdout) as { evaluation: EvaluationReport };
  const own = budgets[1]!.report.columns;
  for (const name of ['clipcov', 'clip-score', 'all pairs'])
    for (const [measure, value] of Object.entries(own.find((column) => column.name === name)!.values)) {
      const other = alone.evaluation.columns.find((column) => column.name === name)!.values[measure];
      // Sums of prefixes are added up in another order than those of a subset alone.
      expect(value!.mean, `${name} ${measure}`).toBeCloseTo(other!.mean, 6);
    }
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ schema: 1, budgets });
}, 60_000);

it('keeps what is measured: nothing is selected twice, what is lost or damaged is measured again', async () => {
  const first = await sweep();
  expect(first.seconds['select']).toBeUndefined();
  expect(first.seconds['evaluate']).toBeUndefined();
  const files = readdirSync(measured);
  // Picks of three methods and three seeds of random, and their measures, which were found at once.
  expect(files.filter((name) => name.endsWith('.picks'))).toHaveLength(3 + 3);
  const measures = files.filter((name) => name.endsWith('.json'));
  expect(measures).toHaveLength(1);
  const [lost] = files.filter((name) => name.endsWith('.picks'));
  rmSync(join(measured, lost!));
  writeFileSync(join(measured, measures[0]!), '{"runs":');
  const again = await sweep();
  expect(again.seconds['select']).toBeGreaterThan(0);
  expect(again.budgets).toEqual(first.budgets);
  expect(readdirSync(measured)).toEqual(files);
}, 60_000);

it('stands beside those of other days, where they can be compared', async () => {
  const before = await sweep();
  const { stderr, code } = await runCli(...ARGS, '--methods', 'semdedup', '--json');
  expect(code, stderr).toBe(0);
  // Other weights are another table.
  const other = await runCli(...ARGS, '--methods', 'clip-score', '--weights', 'self=3', '--json');
  expect(other.code, other.stderr).toBe(0);
  const { stdout } = await runCli('evaluations', store, '--json');
  const { groups } = JSON.parse(stdout) as KeptEvaluations;
  expect(groups.map(({ weights }) => weights.self).sort()).toEqual([2, 3]);
  const { budgets } = groups.find(({ weights }) => weights.self === 2)!;
  for (const [b, { report }] of budgets.entries()) {
    expect(report.columns.map(({ name }) => name).sort()).toEqual(
      [...METHODS.split(','), 'semdedup', 'all pairs'].sort(),
    );
    for (const column of before.budgets[b]!.report.columns)
      expect(report.columns.find(({ name }) => name === column.name)).toEqual(column);
  }
  const told = await runCli('evaluations', store);
  expect(told.stdout).toMatch(/budget +20%: 180 pairs/);
  expect((await runCli('evaluations', join(folder, 'none'))).code).not.toBe(0);
}, 60_000);

it('that was killed goes on where it was, to the same tables', async () => {
  const expected = await sweep();
  rmSync(measured, { recursive: true });
  const { child, ended } = startCli(ARGS);
  const done = (): number => {
    try {
      return readdirSync(measured).filter((name) => name.endsWith('.picks')).length;
    } catch {
      return 0;
    }
  };
  while (done() < 4 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill('SIGKILL');
  await ended;
  expect(done()).toBeGreaterThanOrEqual(4);
  expect((await sweep()).budgets).toEqual(expected.budgets);
}, 60_000);

it('says what is wrong with methods, budgets and seeds', async () => {
  for (const [args, why] of [
    [['--budgets', '5%', '--methods', 'clipcov,nonsense'], /nonsense/],
    [['--budgets', 'ten', '--methods', 'clipcov'], /ten/],
    [['--methods', 'clipcov'], /--budgets/],
    [['--budgets', '5%', '--methods', 'clipcov', '--seeds', '0'], /seeds/],
  ] as const) {
    const { code, stderr } = await runCli('sweep', store, '--device', 'cpu', ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(why);
  }
});
