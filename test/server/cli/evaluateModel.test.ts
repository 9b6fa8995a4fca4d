import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import type { ModelEvaluation } from '../../../server/protocol/contract.js';
import { readIconSets } from '../../demo/icons.js';
import { runCli, scratchFolder } from '../cli.js';
import { tarFile } from '../dataset/tarFile.js';

const MODEL = fileURLToPath(new URL('../../../models/icon-clip/', import.meta.url));
const folder = scratchFolder();
const lucide = join(folder, 'lucide');
const carbon = join(folder, 'carbon', 'labels.csv');

interface HeldOut {
  set: string;
  icon: string;
  caption: string;
  latentClass: string | null;
}

/** The held-out icons of a set, drawn as the model's card says. */
async function drawn(prefix: string): Promise<(HeldOut & { png: Buffer })[]> {
  const icons = new Map(
    readIconSets()
      .find((set) => set.prefix === prefix)!
      .icons.map((icon) => [icon.id, icon]),
  );
  const lines = readFileSync(join(MODEL, 'heldout.jsonl'), 'utf8').trim().split('\n');
  const found: (HeldOut & { png: Buffer })[] = [];
  for (const one of lines.map((line) => JSON.parse(line) as HeldOut)) {
    const icon = icons.get(one.icon);
    if (one.set !== prefix || !icon) continue;
    const body = icon.body.replaceAll('currentColor', '#000');
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="${icon.viewBox}">${body}</svg>`;
    const png = sharp(Buffer.from(svg))
      .resize(64, 64, { fit: 'contain', background: '#fff' })
      .flatten({ background: '#fff' });
    found.push({ ...one, png: await png.png().toBuffer() });
  }
  return found;
}

beforeAll(async () => {
  const icons = await drawn('lucide');
  mkdirSync(join(lucide, 'test'), { recursive: true });
  const members = icons.flatMap(({ png, caption }, i) => [
    { name: `s${i}.png`, content: png },
    { name: `s${i}.txt`, content: caption },
  ]);
  writeFileSync(join(lucide, 'test', '0.tar'), tarFile(members));
  writeFileSync(join(lucide, 'dataset_type.txt'), 'retrieval\n');
  const classified = (await drawn('carbon')).filter(({ latentClass }) => latentClass !== null);
  mkdirSync(join(folder, 'carbon', 'images'), { recursive: true });
  classified.forEach(({ png }, i) => writeFileSync(join(folder, 'carbon', 'images', `${i}.png`), png));
  const rows = classified.map(({ latentClass }, i) => `images/${i}.png,${latentClass}\n`);
  writeFileSync(carbon, `image,label\n${rows.join('')}`);
  const names = JSON.parse(readFileSync(join(MODEL, 'classes.json'), 'utf8')) as string[];
  writeFileSync(join(folder, 'carbon', 'classnames.txt'), `${names.join('\n')}\n`);
  const templates = 'zeroshot_classification_templates.txt';
  copyFileSync(join(MODEL, templates), join(folder, 'carbon', templates));
}, 60_000);

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
