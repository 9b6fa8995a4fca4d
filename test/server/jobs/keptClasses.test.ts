import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { keepClasses, keptClassesFile, readKeptClasses } from '../../../server/jobs/keptClasses.js';
import { scratchFolder } from '../cli.js';

const home = join(scratchFolder(), 'home');
const from = {
  model: { fingerprint: 'f', dim: 3 },
  device: 'cpu',
  names: ['a', 'b'],
  templates: ['{}', 'the {}'],
} as const;
const embeddings = Float64Array.of(0.6, 0.8, 0, -1, 0, 1e-17);
const makeHome = async (): Promise<void> => void mkdirSync(home, { recursive: true });

it('embeddings of class names come back to the bit, and only whole', async () => {
  const file = keptClassesFile(home, from);
  expect(await readKeptClasses(file, 6)).toBeNull();
  await keepClasses(file, embeddings, makeHome);
  expect(await readKeptClasses(file, 6)).toEqual(embeddings);
  expect(await readKeptClasses(file, 7)).toBeNull();
  const bytes = readFileSync(file);
  for (const at of [0, 20, bytes.length - 3]) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 4;
    writeFileSync(file, damaged);
    expect(await readKeptClasses(file, 6)).toBeNull();
  }
  writeFileSync(file, bytes);
  truncateSync(file, bytes.length - 8);
  expect(await readKeptClasses(file, 6)).toBeNull();
});

it('are those of one model, device, list of names and list of templates', () => {
  const files = [
    from,
    { ...from, model: { fingerprint: 'g', dim: 3 } },
    { ...from, device: 'webgpu' as const },
    { ...from, names: ['b', 'a'] },
    { ...from, templates: ['{}'] },
  ].map((one) => keptClassesFile(home, one));
  expect(new Set(files).size).toBe(files.length);
});

it('a place that cannot be written to is no error', async () => {
  const file = keptClassesFile(join(home, 'locked'), from);
  mkdirSync(dirname(dirname(file)), { recursive: true });
  writeFileSync(dirname(file), 'a file where the folder should be');
  await keepClasses(file, embeddings, makeHome);
  expect(await readKeptClasses(file, 6)).toBeNull();
});
