import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { drawnPairs, EDGE } from '../../../extension/demo/shapes.js';
import { writeDemo } from '../../../extension/demo/writeDemo.js';
import { runCli, scratchFolder } from '../../server/cli.js';

const folder = scratchFolder();

it('draws a dataset that a selection runs on, and never over one that is there', async () => {
  const demo = join(folder, 'demo');
  await writeDemo(demo);
  const pairs = drawnPairs();
  expect(pairs.length).toBe(144);
  expect(readFileSync(join(demo, 'pairs.csv'), 'utf8').split('\n').length).toBe(pairs.length + 2);
  const { width, height, format } = await sharp(join(demo, 'images', '000.png')).metadata();
  expect([width, height, format]).toEqual([EDGE, EDGE, 'png']);
  const { code, stderr, stdout } = await runCli(
    'select',
    demo,
    '--budget',
    '20',
    '--device',
    'cpu',
    '--json',
  );
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as { skipped: { total: number }; picks: number[]; ids: number[] };
  expect(report.skipped.total).toBe(0);
  expect(report.picks.length).toBe(20);
  expect(existsSync(join(demo, 'subsets', 'clipcov-20.clipcov.json'))).toBe(true);
  await expect(writeDemo(demo)).rejects.toMatchObject({ code: 'EEXIST' });
});
