import fc from 'fast-check';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFolder } from '../../../server/dataset/folder.js';
import { openSource } from '../../../server/dataset/source.js';
import { scratchFolder } from '../cli.js';
import { collect } from './collect.js';

const folder = scratchFolder();
let made = 0;
function lay(files: Record<string, string>): string {
  const root = join(folder, `${++made}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

async function pairsOf(root: string): Promise<(string | null)[][]> {
  const rows = await collect(readFolder(root));
  expect(rows.map((row) => row.id)).toEqual(rows.map((_, i) => i));
  return rows.map((row) => [row.image, row.problem?.reason ?? row.caption]);
}

describe('readFolder', () => {
  it('pairs images with .txt before .json, folder by folder, and leaves hidden ones out', async () => {
    const root = lay({
      'b.jpg': '',
      'b.txt': '  of b \n',
      'a/2.PNG': '',
      'a/2.json': '{"caption": "of 2", "other": 1}',
      'a/1.webp': '',
      'a/1.txt': 'of 1',
      'a/1.json': '{"caption": "not this one"}',
      'a/no.gif': '',
      'a/broken.tif': '',
      'a/broken.json': '{"caption": 3}',
      'a/notes.txt': 'no image',
      '.hidden/1.png': '',
      '.hidden/1.txt': 'hidden',
      '.clipcov/x.png': '',
      'a/.thumb.png': '',
    });
    expect(await pairsOf(root)).toEqual([
      ['a/1.webp', 'of 1'],
      ['a/2.PNG', 'of 2'],
      ['a/broken.tif', 'caption is missing or not UTF-8'],
      ['a/no.gif', 'caption is missing or not UTF-8'],
      ['b.jpg', 'of b'],
    ]);
  });

  it('costs its row alone where a caption cannot be read', async () => {
    const root = lay({ '1.png': '', '1.txt': 'one', '2.png': '', '3.png': '', '3.txt': 'three' });
    // Reading a process's memory from its start fails, whoever asks.
    symlinkSync('/proc/self/mem', join(root, '2.txt'));
    expect(await pairsOf(root)).toEqual([
      ['1.png', 'one'],
      ['2.png', 'caption is missing or not UTF-8'],
      ['3.png', 'three'],
    ]);
  });

  it('gives one order, however the files came to be', async () => {
    const name = fc.stringMatching(/^[a-cA-C_é0-9 -]{1,3}$/).filter((s) => s.trim() === s && s !== '');
    const path = fc
      .tuple(fc.constantFrom('', 'sub/', 'Sub2/'), name)
      .map(([below, file]) => `${below}${file}.png`);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(path, { maxLength: 12, selector: (p) => p.toLowerCase() }),
        fc.infiniteStream(fc.nat()),
        async (paths, nats) => {
          const shuffled = paths.map((p) => [nats.next().value, p] as const).sort(([a], [b]) => a - b);
          const files = (all: string[]): Record<string, string> =>
            Object.fromEntries(all.map((p) => [p, '']));
          const one = lay(files(paths));
          const other = lay(files(shuffled.map(([, p]) => p)));
          // A folder that never holds an image is not made by an empty list.
          if (paths.length === 0) return;
          const order = (await pairsOf(one)).map(([image]) => image);
          expect((await pairsOf(other)).map(([image]) => image)).toEqual(order);
          expect([...order].sort()).toEqual([...paths].sort());
          // In one folder the order is that of the code units, whatever the locale.
          const top = order.filter((image) => !image!.includes('/'));
          expect(top).toEqual([...top].sort());
        },
      ),
      { numRuns: 30 },
    );
  });

  it('does not walk into linked folders, so that a circle ends', async () => {
    const root = lay({ 'a/1.png': '', 'a/1.txt': 'one' });
    symlinkSync(root, join(root, 'a', 'round'));
    expect(await pairsOf(root)).toEqual([['a/1.png', 'one']]);
  });

  it('takes a sidecar that is not UTF-8, too large, or a folder, for its own row alone', async () => {
    const root = lay({ '1.png': '', '2.png': '', '3.png': '', '3.txt': 'three', '1.txt': '' });
    writeFileSync(join(root, '1.txt'), Buffer.of(0xff, 0xfe, 0xfd));
    writeFileSync(join(root, '2.txt'), 'x'.repeat(2 ** 20 + 1));
    mkdirSync(join(root, '4.txt'));
    writeFileSync(join(root, '4.png'), '');
    const missing = 'caption is missing or not UTF-8';
    expect(await pairsOf(root)).toEqual([
      ['1.png', missing],
      ['2.png', missing],
      ['3.png', 'three'],
      ['4.png', missing],
    ]);
  });
});

describe('openSource', () => {
  it('prefers an embedding store, then the one table, then images below', async () => {
    const store = lay({ 'img_emb/a': '', 'text_emb/a': '', 'pairs.csv': 'image,caption\n' });
    expect(await openSource(store)).toMatchObject({ kind: 'store', root: store });
    rmSync(join(store, 'text_emb'), { recursive: true });
    expect(await openSource(store)).toMatchObject({ kind: 'table', path: join(store, 'pairs.csv') });
    const images = lay({ 'a/b/c.jpeg': '' });
    expect(await openSource(images)).toMatchObject({ kind: 'folder', root: images });
    await expect(openSource(lay({ 'a/b/readme.md': '', 'a/.c/d.png': '' }))).rejects.toMatchObject({
      code: 'source-empty',
    });
    await expect(openSource(join(images, 'a/b/c.jpeg'))).rejects.toMatchObject({ code: 'source-unknown' });
  });
});
