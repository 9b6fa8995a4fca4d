import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUICK } from '../../bench/quickModel.js';
import { makeDataset, picture, runCli, scratchFolder, write } from '../cli.js';

const folder = scratchFolder();

interface Embedded {
  store: string;
  pairs: number;
  imagesEncoded: number;
}

async function embed(source: string): Promise<Embedded> {
  const { stdout, stderr, code } = await runCli('embed', source, ...QUICK, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Embedded;
}

describe('the store of a dataset', () => {
  it('is not undone by another table of the same folder', async () => {
    const table = await makeDataset(join(folder, 'tables'), 4);
    const other = join(folder, 'tables', 'others.csv');
    await write(other, 'image,caption\nimages/1.png,one alone\n');
    expect(await embed(table)).toMatchObject({ pairs: 4, imagesEncoded: 4 });
    const second = await embed(other);
    expect(second.pairs).toBe(1);
    expect(await embed(table)).toMatchObject({ pairs: 4, imagesEncoded: 0 });
    expect(second.store).not.toBe((await embed(table)).store);
  });

  it('is still that of the captioned images after a table was exported beside them', async () => {
    const dataset = join(folder, 'captioned');
    for (let i = 0; i < 3; i++) {
      await write(join(dataset, `${i}.png`), await picture(i));
      await write(join(dataset, `${i}.txt`), `caption ${i}`);
    }
    expect(await embed(dataset)).toMatchObject({ pairs: 3, imagesEncoded: 3 });
    await write(join(dataset, 'train.csv'), 'file,caption\n0.png,caption 0\n');
    expect(await embed(dataset)).toMatchObject({ pairs: 3, imagesEncoded: 0 });
  });

  it('may be moved with its dataset', async () => {
    await makeDataset(join(folder, 'here'), 3);
    const before = await embed(join(folder, 'here'));
    cpSync(join(folder, 'here'), join(folder, 'there'), { recursive: true, preserveTimestamps: true });
    const after = await embed(join(folder, 'there'));
    expect(after).toMatchObject({ pairs: 3, imagesEncoded: 0 });
    expect(after.store).toBe(before.store.replace('here', 'there'));
  });
});
