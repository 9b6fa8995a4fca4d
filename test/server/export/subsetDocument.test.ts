import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPicks } from '../../../server/export/picks.js';
import {
  imageRootOf,
  pathInDocument,
  readSubset,
  writeSubset,
} from '../../../server/export/subsetDocument.js';
import { checkSubset, openSubset } from '../../../server/jobs/subsetQueries.js';
import { scratchFolder } from '../cli.js';
import { documentOf, exportTo, saveSubset } from './subsets.js';

const folder = scratchFolder();

describe('a subset document', () => {
  it('names places relative to itself only', async () => {
    const file = join(folder, 'paths', 'x.clipcov.json');
    const names = { kind: 'names' as const, count: 1, description: 'one' };
    const elsewhere = [
      '/etc',
      '\\\\host\\share',
      'C:\\data',
      'https://example.org/x',
      'file:///etc',
      '//host/x',
    ];
    for (const place of elsewhere)
      for (const change of [
        { source: place },
        { imageRoot: place },
        { classes: { ...names, file: place } },
      ]) {
        await writeSubset(file, documentOf(1, change));
        await expect(readSubset(file), JSON.stringify(change)).rejects.toMatchObject({
          code: 'subset-unreadable',
        });
      }
    for (const place of ['.', '..', '../set:1', 'a b/c'])
      await writeSubset(file, documentOf(1, { source: place })).then(() => readSubset(file));
  });

  it('shows images of its own dataset folder, or of one that was approved', () => {
    const file = join(folder, 'data', 'subsets', 'x.clipcov.json');
    const root = (imageRoot: string | null, approved: string[] = []): object =>
      imageRootOf(file, { imageRoot }, approved);
    expect(root('..')).toEqual({ root: join(folder, 'data') });
    expect(root('.')).toEqual({ root: join(folder, 'data', 'subsets') });
    for (const place of ['../..', '../../other', '../../../..'])
      expect(root(place)).toEqual({ reason: expect.stringMatching(/approved/) });
    expect(root('../../other', [join(folder, 'other')])).toEqual({ root: join(folder, 'other') });
    expect(root('../../other/inner', [join(folder, 'other')])).toEqual({
      root: join(folder, 'other', 'inner'),
    });
    expect(root(null)).toEqual({ reason: 'the store names no images' });
  });

  it('gives places as it reads them', () => {
    const file = join(folder, 'data', 'subsets', 'x.clipcov.json');
    expect(pathInDocument(file, join(folder, 'data'))).toBe('..');
    expect(pathInDocument(file, dirname(file))).toBe('.');
  });

  it('is opened and exported with the picks that it was written with, and no others', async () => {
    const root = join(folder, 'torn');
    mkdirSync(root, { recursive: true });
    const file = await saveSubset(root, [{ image: '1.png', caption: 'one' }]);
    expect((await openSubset({ subset: file })).picks).toBe(1);
    await checkPicks(file, await readSubset(file));
    expect(await checkSubset({ subset: file })).toEqual({});
    appendFileSync(join(dirname(file), 'own.parquet'), ' ');
    const refused = { code: 'picks-differ', where: join(dirname(file), 'own.parquet') };
    await expect(checkSubset({ subset: file })).rejects.toMatchObject(refused);
    await expect(exportTo(file, 'text', join(root, 'out.txt'))).rejects.toMatchObject(refused);
  });

  it('is exported to a file, and a folder of that name is said to be one', async () => {
    const root = join(folder, 'occupied');
    const file = await saveSubset(root, [{ image: '1.png', caption: 'one' }]);
    mkdirSync(join(root, 'out'));
    await expect(exportTo(file, 'text', join(root, 'out'))).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringMatching(/a folder of that name/),
    });
  });
});
