import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import type { QualityAnswer } from '../../../server/protocol/quality.js';
import { quickModel } from '../../bench/quickModel.js';
import { picture, runCli, scratchFolder, startCli, write } from '../cli.js';

const folder = scratchFolder();
const table = join(folder, 'pairs.csv');
const OPTIONS = ['--device', 'cpu', '--kmeans', '2', '--model', quickModel()];
/** Ids of what was planted, by name. */
const planted: Record<string, number> = {};

const uniform = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#4080c0' } })
    .png()
    .toBuffer();

beforeAll(async () => {
  const lines: string[] = [];
  const add = async (name: string, image: Buffer | string | null, caption: string): Promise<void> => {
    planted[name] = lines.length;
    const path = typeof image === 'string' ? image : `images/${name}.png`;
    if (image instanceof Buffer) await write(join(folder, path), image);
    lines.push(`${path},"${caption}"`);
  };
  for (let i = 0; i < 10; i++)
    await add(`plain${i}`, await picture(i), `a circle called ${'abcdefghij'[i]!.repeat(3)}`);
  for (let i = 0; i < 10; i++) await add(`camera${i}`, await picture(20 + i), `IMG_${100 + i}`);
  await add('blank', await uniform(80, 80), 'one colour');
  const noise = Buffer.from([0, 255, 9, 200, 30, 90, 250, 0, 120]);
  await add(
    'tiny',
    await sharp(noise, { raw: { width: 3, height: 3, channels: 1 } })
      .png()
      .toBuffer(),
    'a dot',
  );
  await add(
    'banner',
    await sharp(await picture(40))
      .resize(600, 60, { fit: 'fill' })
      .png()
      .toBuffer(),
    'a banner',
  );
  await add('damaged', Buffer.from('no picture'), 'a damaged file');
  await add('missing', null, 'a missing file');
  await add('empty', await picture(41), ' ');
  await add('page', await picture(42), 'many words '.repeat(150).trim());
  await add('russian', await picture(43), 'красный круг');
  await add('chinese', await picture(44), '红色圆圈');
  await add('digits', await picture(45), '2024-11-23');
  await add('pairAgain', 'images/plain0.png', 'a circle called aaa');
  await add('imageAgain', 'images/plain1.png', '<b>other words</b>');
  await add('captionAgain', await picture(46), 'a circle called ccc');
  await write(table, `image,caption\n${lines.join('\n')}\n`);
}, 30_000);

async function report(...options: string[]): Promise<QualityAnswer> {
  const { stdout, stderr, code } = await runCli('report', table, ...OPTIONS, '--json', ...options);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as QualityAnswer;
}

const idsOf = async (finding: string): Promise<number[]> =>
  (await report('--finding', finding)).pairs!.map(({ id }) => id);
const ids = (...names: string[]): number[] => names.map((name) => planted[name]!);

it('finds what was planted, and nothing else', async () => {
  const { report: found, file } = await report();
  const counts = Object.fromEntries(found.findings.map(({ id, count }) => [id, count]));
  expect(counts).toMatchObject({
    ...{ unreadable: 2, 'empty-caption': 1, tiny: 1, 'odd-aspect': 1, blank: 1 },
    ...{ truncated: 2, 'long-caption': 1, 'no-letters': 1, 'other-script': 2, boilerplate: 10 },
    ...{ 'duplicate-pair': 1, 'duplicate-image': 2, 'duplicate-caption': 2 },
  });
  const examples = Object.fromEntries(
    found.findings.map((one) => [one.id, one.examples.map(({ id }) => id)]),
  );
  expect(examples).toMatchObject({
    unreadable: ids('damaged', 'missing'),
    'empty-caption': ids('empty'),
    tiny: ids('tiny'),
    'odd-aspect': ids('banner'),
    blank: ids('blank'),
    // Cyrillic takes the model a token a byte.
    truncated: ids('page', 'russian'),
    'other-script': ids('russian', 'chinese'),
    'no-letters': ids('digits'),
    'duplicate-pair': ids('pairAgain'),
    'duplicate-image': ids('pairAgain', 'imageAgain'),
    'duplicate-caption': ids('pairAgain', 'captionAgain'),
  });
  expect(found.findings.find(({ id }) => id === 'blank')!.share).toBeCloseTo(1 / found.dataset.pairs, 12);
  expect(found.classes.effective).toBeGreaterThan(1);
  expect(found.classes.effective).toBeLessThanOrEqual(2);
  expect(found.scripts).toContainEqual({ script: 'Cyrillic', count: 1 });
  expect(readFileSync(file, 'utf8')).not.toContain(folder);
  expect(await idsOf('boilerplate')).toEqual(ids(...Array.from({ length: 10 }, (_, i) => `camera${i}`)));
}, 60_000);

it('gives the same bytes when it runs again, and without what it kept of images', async () => {
  const { file } = await report();
  const before = readFileSync(file);
  rmSync(join(file, '..'), { recursive: true });
  await report();
  expect(readFileSync(file).equals(before)).toBe(true);
}, 60_000);

it('prints a table and writes files in which captions are text', async () => {
  const outs = ['html', 'md', 'csv', 'json'].map((extension) => join(folder, `report.${extension}`));
  const { stdout, stderr, code } = await runCli(
    ...['report', table, ...OPTIONS],
    ...outs.flatMap((out) => ['--out', out]),
  );
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/correctness\n(.*\n)*? +blank +1 +3\.0 % {2}20: one colour/);
  const html = readFileSync(outs[0]!, 'utf8');
  expect(html).toContain('&lt;b&gt;other words');
  expect(html).not.toContain('<b>other');
  expect(readFileSync(outs[2]!, 'utf8')).toMatch(/^boilerplate,consistency,doubt,.*,10,0\.3/m);
  const refused = await runCli('report', table, '--out', join(folder, 'report.pdf'));
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/HTML, Markdown, CSV or JSON/)]);
}, 60_000);

it('leaves the pairs of findings out of a selection', async () => {
  await report();
  const select = async (...options: string[]): Promise<number[]> => {
    const args = ['select', table, '--budget', '100%', ...OPTIONS, '--json', ...options];
    const { stdout, stderr, code } = await runCli(...args);
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as { ids: number[] }).ids.sort((a, b) => a - b);
  };
  const all = await select();
  const out = new Set(ids('blank', 'tiny'));
  expect(all).toEqual(expect.arrayContaining([...out]));
  expect(await select('--exclude-findings', 'blank,tiny,unreadable')).toEqual(
    all.filter((id) => !out.has(id)),
  );
  const unknown = await runCli(
    ...['select', table, '--budget', '5', ...OPTIONS, '--exclude-findings', 'blurred'],
  );
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/no finding 'blurred'/)]);
  writeFileSync(table, `${readFileSync(table, 'utf8')}images/plain3.png,a new caption\n`);
  const stale = await runCli(
    ...['select', table, '--budget', '5', ...OPTIONS, '--exclude-findings', 'blank'],
  );
  expect([stale.code, stale.stderr]).toEqual([1, expect.stringMatching(/of other embeddings/)]);
}, 60_000);

it('leaves no half report when it is killed, and goes on from there', async () => {
  const { file, report: found } = await report();
  rmSync(join(file, '..'), { recursive: true });
  const running = startCli(['report', table, ...OPTIONS]);
  running.child.stderr!.once('data', () => running.child.kill('SIGKILL'));
  await running.ended;
  expect(existsSync(file)).toBe(false);
  expect((await report()).report).toEqual(found);
}, 60_000);
