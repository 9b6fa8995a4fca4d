import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import type { ModelEvaluation } from '../../../server/protocol/evaluation.js';
import { layHeldOut } from '../../demo/heldOut.js';
import { runCli, scratchFolder } from '../cli.js';

const MODEL = fileURLToPath(new URL('../../../models/icon-clip/', import.meta.url));
const folder = scratchFolder();
const lucide = join(folder, 'lucide');
const carbon = join(folder, 'carbon', 'labels.csv');

beforeAll(() => layHeldOut(folder), 60_000);

it('reproduces the table of icon-clip’s card, and writes what CLIP_benchmark writes', async () => {
  const out = join(folder, 'results');
  const run = (): ReturnType<typeof runCli> =>
    runCli(
      'evaluate-model',
      '--model',
      MODEL,
      '--on',
      lucide,
      '--on',
      carbon,
      '--out',
      out,
      '--device',
      'cpu',
      '--json',
    );
  const { stdout, stderr, code } = await run();
  expect(code, stderr).toBe(0);
  const { results } = JSON.parse(stdout) as ModelEvaluation;
  const [retrieval, classification] = results;
  const near = (value: number | undefined, card: number): void =>
    expect(Math.abs(value! - card), `${value} for ${card}`).toBeLessThan(0.03);
  // models/icon-clip/README.md: Lucide's recall, Carbon's top-1 and top-5.
  near(retrieval!.metrics['text_retrieval_recall@1'], 0.589);
  near(retrieval!.metrics['text_retrieval_recall@5'], 0.828);
  near(classification!.metrics['acc1'], 0.516);
  near(classification!.metrics['acc5'], 0.813);
  expect(retrieval).toMatchObject({
    dataset: 'lucide',
    task: 'zeroshot_retrieval',
    language: 'en',
    model: 'icon-clip',
  });
  expect(classification).toMatchObject({ dataset: 'carbon-labels', task: 'zeroshot_classification' });
  expect(readdirSync(out).sort()).toEqual([
    'carbon-labels_icon-clip_zeroshot_classification.json',
    'lucide_icon-clip_zeroshot_retrieval.json',
  ]);
  const written = JSON.parse(readFileSync(join(out, readdirSync(out)[0]!), 'utf8')) as unknown;
  expect(written).toEqual(classification);
  // What was embedded is found again.
  const again = await run();
  expect(again.stderr).not.toMatch(/embed +[1-9]\d*\/\d+ .*images\/s/);
  expect((JSON.parse(again.stdout) as ModelEvaluation).results).toEqual(results);
}, 120_000);

it('says what is wrong with models and sets', async () => {
  for (const [args, why] of [
    [['--on', lucide], /models/],
    [['--model', MODEL], /sets/],
    [['--model', MODEL, '--on', join(folder, 'nothing')], /no labelled set.*nothing/s],
    [['--model', join(folder, 'no-model'), '--on', lucide], /no-model/],
  ] as const) {
    const { code, stderr } = await runCli('evaluate-model', ...args, '--device', 'cpu');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(why);
  }
});
