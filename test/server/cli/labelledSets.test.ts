import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EvaluationReport, SweepReport } from '../../../server/protocol/evaluation.js';
import { quickModel } from '../../bench/quickModel.js';
import { makeDataset, picture, runCli, scratchFolder } from '../cli.js';

const folder = scratchFolder();

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runCli(
    ...args,
    '--device',
    'cpu',
    '--model',
    quickModel(),
    '--json',
  );
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

it('tries the linear CLIP of each subset on labelled sets, and says how it stands to the others', async () => {
  const dataset = join(folder, 'pairs');
  await makeDataset(dataset, 60);
  // Two classes of the same pictures under new names, and a table with other labels.
  for (const [name, first] of [
    ['even', 0],
    ['odd', 1],
  ] as const) {
    mkdirSync(join(folder, 'parity', name), { recursive: true });
    for (let i = first; i < 20; i += 2)
      writeFileSync(join(folder, 'parity', name, `${i}.png`), await picture(i));
  }
  mkdirSync(join(folder, 'size'));
  for (let i = 0; i < 6; i++)
    copyFileSync(
      join(folder, 'parity', i % 2 ? 'odd' : 'even', `${i}.png`),
      join(folder, 'size', `${i}.png`),
    );
  const labels = join(folder, 'size', 'labels.csv');
  writeFileSync(
    labels,
    `image,label\n${[0, 1, 2, 3, 4, 5].map((i) => `${i}.png,${i < 3 ? 'small' : 'large'}\n`).join('')}`,
  );

  const on = ['--on', join(folder, 'parity'), '--on', labels];
  const report = join(folder, 'report.md');
  const swept = await json<SweepReport>(
    'sweep',
    dataset,
    '--budgets',
    '50%',
    '--methods',
    'clipcov,random',
    '--kmeans',
    '3',
    ...on,
    '--out',
    report,
  );
  const { columns, measures } = swept.budgets[0]!.report;
  const names = measures.map(({ name }) => name);
  for (const set of ['parity', 'size-labels', 'average'])
    for (const metric of ['acc1', 'acc5', 'mean_per_class_recall']) {
      expect(names).toContain(`on-${set}-plain-${metric}`);
      for (const column of columns) {
        const { mean } = column.values[`on-${set}-cosine-${metric}`]!;
        expect(mean).toBeGreaterThanOrEqual(0);
        expect(mean).toBeLessThanOrEqual(1);
      }
    }
  const { values } = columns[0]!;
  expect(values['on-average-cosine-acc1']!.mean).toBeCloseTo(
    (values['on-parity-cosine-acc1']!.mean + values['on-size-labels-cosine-acc1']!.mean) / 2,
    12,
  );
  // As many images of each class: recall by class is the accuracy.
  expect(values['on-parity-cosine-mean_per_class_recall']!.mean).toBeCloseTo(
    values['on-parity-cosine-acc1']!.mean,
    12,
  );
  expect(readFileSync(report, 'utf8')).toContain('ratio to the best other');

  const { subset } = await json<{ subset: string }>('select', dataset, '--budget', '50%', '--kmeans', '3');
  const evaluated = await json<EvaluationReport>('evaluate', dataset, '--subset', subset, ...on);
  expect(evaluated.columns[0]!.values['on-parity-cosine-acc1']).toEqual(values['on-parity-cosine-acc1']);

  const twice = await runCli('evaluate', dataset, '--subset', subset, ...on, '--on', join(folder, 'parity'));
  expect(twice.stderr).toMatch(/Two labelled sets are called parity/);
}, 60_000);
