import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { imageRoots, resolveImage } from '../../../server/dataset/roots.js';
import { openSource } from '../../../server/dataset/source.js';
import { tarMembers } from '../../../server/dataset/tar.js';
import { readWebDataset } from '../../../server/dataset/webdataset.js';
import { scratchFolder } from '../cli.js';
import { collect } from './collect.js';
import { tarFile, type MadeEntry } from './tarFile.js';

const folder = scratchFolder();
let made = 0;

function lay(files: Record<string, string | Uint8Array>): string {
  const root = join(folder, `${++made}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

async function pairsOf(root: string, shards: string[]): Promise<(string | null)[][]> {
  const rows = await collect(readWebDataset(root, shards));
  expect(rows.map((row) => row.id)).toEqual(rows.map((_, i) => i));
  return rows.map((row) => [row.problem?.where ?? row.image, row.problem?.reason ?? row.caption]);
}

async function contentOf(root: string, image: string): Promise<string> {
  const found = await resolveImage(await imageRoots(root, []), image);
  return 'reason' in found ? `refused: ${found.reason}` : (await found.read()).toString();
}

describe('shards', () => {
  it('are samples by key, in their order, read in place', async () => {
    const root = lay({
      '00000.tar': tarFile([
        { name: '000.jpg', content: 'first image' },
        { name: '000.txt', content: ' of the first\n' },
        { name: '000.json', content: '{"caption": "not this", "uid": "0123456789abcdef0123456789abcdef"}' },
        { name: '001.json', content: '{"caption": "of the second"}' },
        { name: '001.png', content: 'second image' },
      ]),
      'more/00001.tar': tarFile([
        { name: 'train/a.b.webp', content: 'third' },
        { name: 'train/a.txt', content: 'dots: the key ends at the first' },
        { name: 'train/only.txt', content: 'alone' },
        { name: '._c.jpg', content: 'of macOS' },
        { name: 'c.jpg', content: 'mute' },
      ]),
    });
    const source = await openSource(root);
    expect(source).toMatchObject({ kind: 'webdataset', files: ['00000.tar', 'more/00001.tar'] });
    expect(await pairsOf(root, ['00000.tar', 'more/00001.tar'])).toEqual([
      ['00000.tar/000.jpg', 'of the first'],
      ['00000.tar/001.png', 'of the second'],
      ['more/00001.tar/train/a.b.webp', 'dots: the key ends at the first'],
      ['more/00001.tar/train/only', 'sample has no image'],
      ['more/00001.tar/c', 'caption is missing or not UTF-8'],
    ]);
    const [first] = await collect(readWebDataset(root, ['00000.tar']));
    expect(first!.uid).toBe('0123456789abcdef0123456789abcdef');
    expect(await contentOf(root, '00000.tar/001.png')).toBe('second image');
    expect(await contentOf(root, 'more/00001.tar/train/a.b.webp')).toBe('third');
    expect(await contentOf(root, '00000.tar/none.jpg')).toBe('refused: the archive has no such member');
  });

  it('are the dataset, though a table exported from them lies beside', async () => {
    const root = lay({ '0.tar': tarFile([{ name: 'a.jpg' }]), 'train.csv': 'filepath,title\n' });
    expect(await openSource(root)).toMatchObject({ kind: 'webdataset', files: ['0.tar'] });
    expect(await openSource(join(root, '0.tar'))).toMatchObject({
      kind: 'webdataset',
      root,
      files: ['0.tar'],
    });
  });

  it.each(['ustar', 'gnu', 'pax', 'v7'])('are read as the tar program writes them (%s)', async (format) => {
    // Longer than a header holds where the format can say so, and in another alphabet.
    const long =
      format === 'v7' ? 'short' : `${'deep/'.repeat(25)}${format === 'ustar' ? 'x' : 'ж'.repeat(60)}`;
    const root = lay({ [`in/${long}.jpg`]: 'pixels', [`in/${long}.txt`]: 'said of it' });
    const names = [`${long}.jpg`, `${long}.txt`];
    execFileSync('tar', [`--format=${format}`, '-cf', join(root, 's.tar'), '-C', join(root, 'in'), ...names]);
    expect(await pairsOf(root, ['s.tar'])).toEqual([[`s.tar/${long}.jpg`, 'said of it']]);
    expect(await contentOf(root, `s.tar/${long}.jpg`)).toBe('pixels');
  });

  it('that are compressed are refused with what to do', async () => {
    const packed = gzipSync(Buffer.alloc(1024));
    const root = lay({ '0.tar.gz': packed, '1.tgz': packed, '2.tar.zst': packed });
    for (const name of ['0.tar.gz', '1.tgz', '2.tar.zst'])
      await expect(openSource(join(root, name))).rejects.toMatchObject({
        code: 'source-unknown',
        message: expect.stringMatching(/compressed/),
        fix: expect.stringMatching(/Unpack/),
      });
  });

  it('lose the samples that are hostile or damaged, and no other', async () => {
    const root = lay({
      'secret.jpg': 'outside',
      '0.tar': tarFile([
        { name: '../secret.jpg', content: 'climbs' },
        { name: '/etc/passwd.jpg', content: 'absolute' },
        { name: 'C:\\x.jpg', content: 'drive' },
        { name: 'link.jpg', kind: '2' },
        { name: 'a.jpg', content: 'good' },
        { name: 'a.txt', content: 'good too' },
        { name: 'b.jpg', content: 'bad caption' },
        { name: 'b.txt', content: Buffer.of(0xff, 0xfe, 0x41) },
        { name: 'a.jpg', content: 'twice' },
        { name: 'a.txt', content: 'twice' },
      ]),
    });
    expect(await pairsOf(root, ['0.tar'])).toEqual([
      ['0.tar/../secret', expect.stringMatching(/climbs out/)],
      ['0.tar//etc/passwd', expect.stringMatching(/absolute/)],
      ['0.tar/C:\\x', expect.stringMatching(/absolute/)],
      ['0.tar/link', expect.stringMatching(/link or a device/)],
      ['0.tar/a.jpg', 'good too'],
      ['0.tar/b', 'caption is missing or not UTF-8'],
      ['0.tar/a', expect.stringMatching(/stands earlier/)],
    ]);
    expect(await contentOf(root, '0.tar/a.jpg')).toBe('good');
    // The name of a member is looked up in the archive and never opened as a path.
    for (const image of [
      '0.tar/../secret.jpg',
      '0.tar/../../secret.jpg',
      '0.tar//etc/passwd.jpg',
      '0.tar/link.jpg',
    ])
      expect(await contentOf(root, image)).toMatch(
        /^refused: the (member cannot be read|archive has no such)/,
      );
  });

  it('cut off anywhere keep what is whole, and say where they end', async () => {
    const entries: MadeEntry[] = [0, 1, 2].flatMap((i) => [
      { name: `${i}.jpg`, content: `${i}`.repeat(700) },
      { name: `${i}.txt`, content: `caption ${i}` },
    ]);
    const whole = tarFile(entries);
    // An image takes three blocks with its header, a caption two.
    for (const [length, good] of [
      [5 * 512 + 100, 1],
      [5 * 512 + 600, 1],
      [5 * 512 + 3 * 512 + 200, 1],
      [10 * 512 + 512 + 10, 2],
    ] as const) {
      const root = lay({ '0.tar': whole });
      truncateSync(join(root, '0.tar'), length);
      const rows = await pairsOf(root, ['0.tar']);
      expect(rows.slice(0, good)).toEqual(
        Array.from({ length: good }, (_, i) => [`0.tar/${i}.jpg`, `caption ${i}`]),
      );
      expect(rows.at(-1)![1]).toMatch(/cut off/);
    }
    // Without its end marker an archive is whole.
    const root = lay({ '0.tar': whole.subarray(0, 15 * 512) });
    expect((await pairsOf(root, ['0.tar'])).map(([, caption]) => caption)).toEqual(
      [0, 1, 2].map((i) => `caption ${i}`),
    );
  });

  it('with sizes that lie or a damaged header end there', () => {
    const file = (bytes: Buffer): string => join(lay({ 'x.tar': bytes }), 'x.tar');
    const lies = file(tarFile([{ name: 'a.jpg', content: 'abc', size: 2 ** 32 }]));
    expect([...tarMembers(lies)]).toEqual([
      expect.objectContaining({ name: 'a.jpg', problem: 'its bytes are cut off' }),
      { broken: 'the archive is cut off' },
    ]);
    const bytes = tarFile([{ name: 'a.jpg', content: 'abc' }, { name: 'b.jpg' }]);
    bytes[1024 + 3]! ^= 1;
    expect([...tarMembers(file(bytes))]).toEqual([
      expect.objectContaining({ name: 'a.jpg', problem: null, offset: 512, size: 3 }),
      { broken: 'a header has the wrong checksum' },
    ]);
    expect([...tarMembers(file(Buffer.from('no archive at all, just text')))]).toEqual([
      { broken: 'the archive is cut off inside a header' },
    ]);
    const bomb = file(tarFile([{ name: 'x', kind: 'x', size: 2 ** 30 }]));
    expect([...tarMembers(bomb)]).toEqual([{ broken: 'an extended header is cut off or too long' }]);
  });

  it('of ten thousand members are gone through in well under a second, without their content', async () => {
    const entries = Array.from({ length: 5000 }, (_, i) => [
      { name: `${i}.jpg`, content: Buffer.alloc(4000, i) },
      { name: `${i}.txt`, content: `caption ${i}` },
    ]).flat();
    const root = lay({ 'big.tar': tarFile(entries) });
    const started = performance.now();
    const rows = await collect(readWebDataset(root, ['big.tar']));
    const seconds = (performance.now() - started) / 1000;
    expect(rows.filter((row) => row.problem === null)).toHaveLength(5000);
    expect(rows[4321]).toMatchObject({ image: 'big.tar/4321.jpg', caption: 'caption 4321' });
    const once = performance.now();
    readFileSync(join(root, 'big.tar'));
    // Reading all of it is the measure; a slow machine is slow at both.
    expect(seconds).toBeLessThan(Math.max(1, (20 * (performance.now() - once)) / 1000));
  });
});
