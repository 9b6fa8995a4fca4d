import fc from 'fast-check';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { imageRoots, isInside, resolveImage } from '../../../server/dataset/roots.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();
const part = fc.constantFrom('a', 'b', 'data', 'data2', '..', '...', '..a', '.', ' ');
const path = fc.array(part, { maxLength: 6 }).map((parts) => normalize(`/${parts.join('/')}`));
const partsOf = (full: string): string[] => full.split('/').filter((name) => name !== '');

describe('isInside', () => {
  it('holds exactly where the parts of the root start the path', () => {
    fc.assert(
      fc.property(path, path, (root, inner) => {
        const [outer, parts] = [partsOf(root), partsOf(inner)];
        expect(isInside(root, inner)).toBe(outer.every((name, i) => parts[i] === name));
      }),
      { numRuns: 2000 },
    );
  });

  it('is not fooled by common prefixes or names that start with dots', () => {
    expect(isInside('/data', '/data2')).toBe(false);
    expect(isInside('/data', '/data2/a')).toBe(false);
    expect(isInside('/data', '/data')).toBe(true);
    expect(isInside('/data', '/data/..a/b')).toBe(true);
    expect(isInside('/data', '/data/../etc')).toBe(false);
    expect(isInside('/data', '/')).toBe(false);
    expect(isInside('/', '/anything')).toBe(true);
  });
});

describe('resolveImage', () => {
  const base = join(folder, 'data');
  beforeAll(() => {
    for (const place of ['data/in', 'data2', 'approved/in', 'elsewhere'])
      mkdirSync(join(folder, place), { recursive: true });
    for (const place of [
      'data/a.png',
      'data/in/b.png',
      'data/set:1.png',
      'data/C: x.png',
      'data2/a.png',
      'approved/in/a.png',
      'elsewhere/a.png',
    ])
      writeFileSync(join(folder, place), 'content');
    writeFileSync(join(base, 'empty.png'), '');
    const links: [string, string][] = [
      ['data/to-inside.png', 'data/in/b.png'],
      ['data/to-approved.png', 'approved/in/a.png'],
      ['data/to-outside.png', 'elsewhere/a.png'],
      ['data/folder-outside', 'elsewhere'],
      ['approved/to-outside.png', 'elsewhere/a.png'],
      ['linked-root', 'data'],
      ['linked-approved', 'approved'],
      ['data/dangling.png', 'nowhere'],
    ];
    for (const [link, target] of links) symlinkSync(join(folder, target), join(folder, link));
    symlinkSync('loop.png', join(base, 'loop.png'));
  });

  const outside = 'image lies outside the dataset folder and the approved folders';
  const cases: [string, string | RegExp][] = [
    ['a.png', 'data/a.png'],
    ['./in/../a.png', 'data/a.png'],
    ['in/b.png', 'data/in/b.png'],
    ['to-inside.png', 'data/in/b.png'],
    ['to-approved.png', 'approved/in/a.png'],
    ['../approved/in/a.png', 'approved/in/a.png'],
    ['../data/a.png', 'data/a.png'],
    ['set:1.png', 'data/set:1.png'],
    ['C: x.png', 'data/C: x.png'],
    ['../data2/a.png', /outside/],
    ['../elsewhere/a.png', /outside/],
    ['to-outside.png', /outside/],
    ['folder-outside/a.png', /outside/],
    ['../approved/to-outside.png', /outside/],
    ['/etc/passwd', /outside/],
    ['in', /not a plain file/],
    ['.', /not a plain file/],
    ['', /not a plain file/],
    ['empty.png', /empty \(0 bytes\)/],
    ['dangling.png', /missing/],
    ['loop.png', /missing/],
    ['nowhere.png', /missing/],
    ['a.png/b.png', /missing/],
    ['a\0.png', /NUL/],
    ['http://host/a.png', /URL/],
    ['HTTPS://host/a.png', /URL/],
    ['s3://bucket/a.png', /URL/],
    ['data:image/png;base64,AAAA', /URL/],
    ['file:///etc/passwd', /URL/],
    ['//host/share/a.png', /network path/],
    ['\\\\host\\share\\a.png', /network path/],
  ];
  for (const root of ['data', 'linked-root'])
    it(`follows links before it decides, from ${root}`, async () => {
      const roots = await imageRoots(join(folder, root), [
        join(folder, 'linked-approved'),
        join(folder, 'no such'),
      ]);
      for (const [image, expected] of cases) {
        const found = await resolveImage(roots, image);
        if (typeof expected === 'string')
          expect(found, image).toMatchObject({ path: join(folder, expected), size: 7 });
        else expect('reason' in found ? found.reason : found.path, image).toMatch(expected);
      }
    });

  it('takes an absolute path under the dataset or an approved folder, and no other', async () => {
    const roots = await imageRoots(base, []);
    expect(await resolveImage(roots, join(base, 'a.png'))).toMatchObject({ path: join(base, 'a.png') });
    expect(await resolveImage(roots, join(folder, 'approved/in/a.png'))).toEqual({ reason: outside });
    expect(await resolveImage(roots, 'to-approved.png')).toEqual({ reason: outside });
    const open = await imageRoots(base, [join(folder, 'approved')]);
    expect(await resolveImage(open, join(folder, 'approved/in/a.png'))).toMatchObject({ size: 7 });
  });

  it('never leads outside, whatever the path is made of', async () => {
    const roots = await imageRoots(base, []);
    const pieces = fc.constantFrom(
      '..',
      '.',
      'in',
      'a.png',
      'b.png',
      'data',
      'data2',
      'folder-outside',
      'to-outside.png',
      '',
      'elsewhere',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 6 }), fc.boolean(), async (names, absolute) => {
        const found = await resolveImage(roots, `${absolute ? `${base}/` : ''}${names.join('/')}`);
        if ('path' in found)
          expect(partsOf(found.path).slice(0, partsOf(base).length)).toEqual(partsOf(base));
      }),
      { numRuns: 300 },
    );
  });

  it('reads nothing when an approved folder is gone', async () => {
    mkdirSync(join(folder, 'brief'));
    writeFileSync(join(folder, 'brief', 'a.png'), 'content');
    rmSync(join(folder, 'brief'), { recursive: true });
    const roots = await imageRoots(base, [join(folder, 'brief')]);
    expect(roots.allowed).toEqual([base]);
    expect(await resolveImage(roots, '../brief/a.png')).toEqual({ reason: 'image file is missing' });
  });
});
