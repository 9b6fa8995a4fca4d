import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
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
