import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assemble } from '../demo/assemble.js';
import { CLI, runCommand, scratchFolder, type Ran } from '../server/cli.js';
import { contentsOf } from './contents.js';
import { commands } from './steps.js';

/** In every process and thread, in another zone as well. */
const SHIFTED = [
  `NODE_OPTIONS=--import ${new URL('./clock.mjs', import.meta.url).href}`,
  'TZ=Pacific/Kiritimati',
];
const run = (variables: string[], ...args: string[]): Promise<Ran> =>
  runCommand('env', [...variables, process.execPath, ...args]).ended;

it('whatever the clock says, and however it jumps, what is written has the same bytes', async () => {
  const years = 'console.log([1, 2, 3, 4, 5].map(() => new Date().getFullYear()).join())';
  const looked = await run(SHIFTED, '-e', years);
  expect(looked.stdout.trim()).toBe('2100,2101,2100,2100,2097');

  const folder = scratchFolder();
  const [steady, jumping] = [join(folder, 'steady', 'icons'), join(folder, 'jumping', 'icons')];
  await assemble(steady, { pairs: 60 });
  cpSync(steady, jumping, { recursive: true });
  const runs = [steady, jumping].map(async (dataset) => {
    const variables = dataset === jumping ? SHIFTED : [];
    // A selection embeds as well.
    for (const args of [commands['report'], commands['select'], commands['export']]) {
      const { code, stderr } = await run(variables, CLI, ...args!(dataset));
      expect(code, stderr).toBe(0);
    }
    return contentsOf(dataset);
  });
  const [expected, found] = await Promise.all(runs);
  expect(expected!.size).toBeGreaterThan(10);
  expect(Object.fromEntries(found!)).toEqual(Object.fromEntries(expected!));
}, 120_000);
