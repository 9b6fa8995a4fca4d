import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Random } from '../fuzz/random.js';
import { root } from '../setup/paths.js';
import { equivalent } from './equivalent.js';
import { mutate } from './stryker.js';
import { targets } from './targets.js';

/** Consecutive lines of a file whose tests take a moment, as a seed draws them. */
function drawn(seed: number, length: number): { mutate: string[]; tests: string[] } {
  const random = new Random(seed);
  const { files, tests } = random.of(targets.filter(({ quick }) => quick));
  const file = random.of(files);
  const lines = readFileSync(join(root, file), 'utf8').split('\n').length;
  const first = 1 + random.below(Math.max(1, lines - length));
  return { mutate: [`${file}:${first}-${Math.min(lines, first + length)}`], tests };
}

it('tests find the changes of some lines of the core, but those that change nothing', async () => {
  const mutants = await mutate({ ...drawn(20, 25), patience: 2_000 });
  expect(mutants.length).toBeGreaterThan(10);
  const survivors = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  expect(survivors.filter((mutant) => !equivalent(mutant))).toEqual([]);
}, 180_000);

it('every file of selection and evaluation that holds more than types is a target', () => {
  const listed = targets.flatMap(({ files }) => files);
  expect(new Set(listed).size).toBe(listed.length);
  const typesOnly = ['server/selection/products.ts', 'server/selection/selectionInput.ts'];
  const there = ['selection', 'evaluation'].flatMap((folder) =>
    readdirSync(join(root, 'server', folder)).map((name) => `server/${folder}/${name}`),
  );
  expect([...listed, ...typesOnly].sort()).toEqual(there.sort());
});
