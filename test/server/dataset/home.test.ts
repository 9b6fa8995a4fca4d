import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder, ownFolder } from '../../../server/dataset/home.js';
import { scratchFolder } from '../cli.js';

const scratch = scratchFolder();
const folder = (name: string): string => {
  mkdirSync(join(scratch, name), { recursive: true });
  return join(scratch, name);
};

it('a dataset without a store folder has its own', () => {
  expect(ownFolder(folder('a'), undefined)).toBe(join(scratch, 'a', '.clipcov'));
});

it('in a store folder each dataset has one, whatever way leads to it', () => {
  const [one, two] = [folder('one/same'), folder('two/same')].map((root) => ownFolder(root, '/stores'));
  for (const own of [one!, two!]) {
    expect(dirname(own)).toBe('/stores');
    expect(basename(own)).toMatch(/^same-[0-9a-f]{8}$/);
  }
  expect(one).not.toBe(two);
  symlinkSync(join(scratch, 'one'), join(scratch, 'link'));
  expect(ownFolder(join(scratch, 'link', 'same'), '/stores')).toBe(one);
  expect(ownFolder(join(scratch, 'link', '.', 'same', ''), '/stores')).toBe(one);
});

it('its name is one that every file system takes', () => {
  expect(basename(ownFolder(folder('a?b*c'), '/stores'))).toMatch(/^a_b_c-[0-9a-f]{8}$/);
  const long = basename(ownFolder(folder('数'.repeat(85)), '/stores'));
  expect(long).toMatch(/^数{66}-[0-9a-f]{8}$/);
  expect(basename(ownFolder('/', '/stores'))).toMatch(/^-[0-9a-f]{8}$/);
  expect(basename(ownFolder(join(scratch, 'gone'), '/stores'))).toMatch(/^gone-[0-9a-f]{8}$/);
});

it('folders are made with those above them, and a file in the way is told', async () => {
  await Promise.all([1, 2, 3].map(() => makeFolder(join(scratch, 'x', 'y', 'z'))));
  expect(existsSync(join(scratch, 'x', 'y', 'z'))).toBe(true);
  writeFileSync(join(scratch, 'x', 'file'), '');
  await expect(makeFolder(join(scratch, 'x', 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(scratch, 'x', 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});
