import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Database } from '../../../server/dataset/database.js';
import { partPaths, writePart } from '../../../server/embeddings/partFiles.js';
import { openStore } from '../../../server/embeddings/store.js';
import { mixedDevices } from '../../../server/jobs/mixedDevices.js';
import { scratchFolder, write } from '../cli.js';
import { contents, embed, loadTools, paint, type Tools } from '../embeddings/embedding.js';

const folder = scratchFolder();

/** A store of ours with one row a part, made on the devices given. */
async function storeOf(name: string, made: string[][]): Promise<string[]> {
  const store = join(folder, name);
  const plan = { schema: 1, model: { name: 'm', fingerprint: 'f', dim: 2 }, pairs: made.length, partRows: 1 };
  await write(join(store, 'plan.json'), JSON.stringify(plan));
  const database = await Database.open();
  for (const [i, devices] of made.entries()) {
    const row = { id: i, image_path: `${i}.png`, caption: 'c', image_sha256: `${i}`, uid: null };
    const half = Uint16Array.of(0x3c00, 0);
    await writePart(partPaths(store, i, made.length), database, [row], half, half, 2, [], devices);
  }
  database.close();
  return mixedDevices(openStore(store));
}

it('says how many parts of a store are of which device, where they differ', async () => {
  expect(await storeOf('mixed', [['cpu'], ['webgpu'], ['cpu'], ['cpu', 'webgpu']])).toEqual([
    expect.stringMatching(
      /differently: 2 parts on cpu, 1 part on cpu and webgpu, 1 part on webgpu\. .*delete the store/,
    ),
  ]);
  expect(await storeOf('one part', [['cpu', 'webgpu']])).toHaveLength(1);
  expect(await storeOf('cpu', [['cpu'], ['cpu']])).toEqual([]);
  // Parts of an earlier version say nothing, and nothing is said of them.
  expect(await storeOf('earlier', [[], ['cpu']])).toEqual([]);
});

it('remembers the devices of rows that a later run takes over', async () => {
  const cpu = await loadTools();
  const other: Tools = { ...cpu, encoder: { ...cpu.encoder, device: 'webgpu' } };
  const table = join(folder, 'pairs.csv');
  const lay = async (rows: number): Promise<void> => {
    for (let i = 0; i < rows; i++) await write(join(folder, `${i}.png`), await paint(i));
    const lines = Array.from({ length: rows }, (_, i) => `${i}.png,number ${i}`);
    await write(table, ['image,caption', ...lines].join('\n'));
  };
  const run = async (tools: Tools, home: string): Promise<string> =>
    (await embed(table, join(folder, home), tools)).store;
  await lay(4);
  expect(await mixedDevices(openStore(await run(cpu, 'grown')))).toEqual([]);
  await lay(6);
  expect(await mixedDevices(openStore(await run(other, 'grown')))).toEqual([
    expect.stringMatching(/differently: 1 part on cpu and webgpu/),
  ]);
  // On one device, a store that has grown is the one made at once.
  const again = await run(cpu, 'grown-on-cpu');
  await lay(4);
  await run(cpu, 'step');
  await lay(6);
  const metadata = (store: string): unknown => contents(join(store, 'metadata'));
  expect(metadata(await run(cpu, 'step'))).toEqual(metadata(again));
});
