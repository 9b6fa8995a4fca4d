import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { checkPicks } from '../../../server/export/picks.js';
import { readSubset } from '../../../server/export/subsetDocument.js';
import { runCli, scratchFolder } from '../cli.js';
import { makeStore } from '../embeddings/npyFiles.js';
import { samplePairs } from '../selection/samples.js';

const store = makeStore(join(scratchFolder(), 'store'), [{ number: '0', ...samplePairs(3, 60, 8) }]);

async function select(...options: string[]): Promise<string> {
  const args = ['select', store, '--budget', '10%', '--kmeans', '3', '--device', 'cpu', '--json'];
  const { code, stdout, stderr } = await runCli(...args, ...options);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { subset: string }).subset;
}

it('a subset that was asked for otherwise is not replaced, unless by its name', async () => {
  const first = await select();
  const bytes = readFileSync(first);
  expect(basename(first)).toBe('clipcov-10pct.clipcov.json');
  expect(await select()).toBe(first);
  const other = await select('--near-duplicates', '0.05');
  expect(basename(other)).toBe('clipcov-10pct-2.clipcov.json');
  expect(basename(await select('--weights', 'self=3'))).toBe('clipcov-10pct-3.clipcov.json');
  expect(await select('--near-duplicates', '0.05')).toBe(other);
  expect(readFileSync(first)).toEqual(bytes);

  writeFileSync(first, '{');
  expect(await select('--near-duplicates', '0.05')).toBe(first);
  expect(await select('--out', 'clipcov-10pct')).toBe(first);
  expect(readFileSync(first)).toEqual(bytes);
});

it('subsets that are asked for at the same time take no name from each other', async () => {
  const asked = [4, 5, 6, 7];
  const subsets = await Promise.all(
    asked.map((self) => select('--weights', `self=${self}`, '--budget', '50%')),
  );
  expect(new Set(subsets.map((subset) => basename(subset)))).toEqual(
    new Set(['', '-2', '-3', '-4'].map((end) => `clipcov-50pct${end}.clipcov.json`)),
  );
  for (const [i, subset] of subsets.entries()) {
    const document = await readSubset(subset);
    expect(document.parameters.weights.self).toBe(asked[i]);
    expect(document.picks).toBe(30);
    await checkPicks(subset, document);
  }
  const there = readdirSync(dirname(subsets[0]!)).filter((name) => name.startsWith('clipcov-50pct'));
  expect(there).toHaveLength(8);
}, 60_000);
