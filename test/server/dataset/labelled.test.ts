import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../../server/dataset/catalogue.js';
import { openLabelledSet, type LabelledSet } from '../../../server/dataset/labelled.js';
import { scratchFolder } from '../cli.js';
import { tarFile } from './tarFile.js';

const folder = scratchFolder();
let made = 0;

function lay(files: Record<string, string | Buffer>): string {
  const root = join(folder, `set${++made}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

const open = (path: string): Promise<LabelledSet> => openLabelledSet(path, () => undefined);

async function rowsOf({ source }: LabelledSet): Promise<(string | null)[][]> {
  const catalogue = await Catalogue.open(join(folder, `catalogue${++made}`));
  try {
    const count = await catalogue.load(source, async () => undefined);
    return (await catalogue.rows(0, count)).map(({ image, caption, problem }) => [
      image || problem!.where,
      problem?.reason ?? caption,
    ]);
  } finally {
    catalogue.close();
  }
}

describe('a labelled set', () => {
  it('is a folder for each class, in code-unit order, which a file may name', async () => {
    const files = {
      'n02/b.jpg': '',
      'n02/deep/a.png': '',
      'n01/x.webp': '',
      'n01/notes.txt': '',
      '.hidden/y.jpg': '',
    };
    const set = await open(lay(files));
    expect(set).toMatchObject({ task: 'classification', classNames: ['n01', 'n02'], templates: null });
    expect(await rowsOf(set)).toEqual([
      ['n01/x.webp', '0'],
      ['n02/b.jpg', '1'],
      ['n02/deep/a.png', '1'],
    ]);
    const named = await open(
      lay({
        ...files,
        'classnames.txt': 'a cat\na dog\n',
        'zeroshot_classification_templates.txt': 'a {}.\n',
      }),
    );
    expect(named).toMatchObject({ classNames: ['a cat', 'a dog'], templates: ['a {}.'] });
    await expect(open(lay({ ...files, 'classnames.txt': 'one\n' }))).rejects.toMatchObject({
      message: expect.stringMatching(/1 names for 2 folders/),
    });
  });

  it('is a table of labels, by name or by number', async () => {
    const table = 'image,label\na.png,dog\nb.png,cat\nc.png,\nd.png,dog\n';
    const set = await open(join(lay({ 'test.csv': table }), 'test.csv'));
    expect(set).toMatchObject({ classNames: ['cat', 'dog'], task: 'classification' });
    expect(await rowsOf(set)).toEqual([
      ['a.png', '1'],
      ['b.png', '0'],
      ['c.png', 'caption is empty'],
      ['d.png', '1'],
    ]);
    const numbers = lay({
      'n.jsonl': '{"image":"a.png","cls":"1"}\n{"image":"b.png","cls":"7"}\n{"image":"c.png","cls":"zero"}\n',
      'classnames.txt': 'zero\none\n',
    });
    expect(await rowsOf(await open(join(numbers, 'n.jsonl')))).toEqual([
      ['a.png', '1'],
      ['b.png', 'label is missing or none of the classes'],
      ['c.png', '0'],
    ]);
  });

  it('is a WebDataset as CLIP_benchmark lays it out, with classes or with captions', async () => {
    const classes = lay({
      'test/nshards.txt': '2\n',
      'test/0.tar': tarFile([
        { name: 's0.jpg', content: 'x' },
        { name: 's0.cls', content: '1' },
        { name: 's1.cls', content: '0' },
        { name: 's1.png', content: 'y' },
      ]),
      'test/1.tar': tarFile([
        { name: 's2.jpg', content: 'z' },
        { name: 's2.cls', content: '9' },
        { name: 's3.jpg', content: 'no label' },
      ]),
      'classnames.txt': 'cat\ndog\n',
    });
    const set = await open(classes);
    expect(set).toMatchObject({ task: 'classification', classNames: ['cat', 'dog'] });
    expect(await rowsOf(set)).toEqual([
      ['test/0.tar/s0.jpg', '1'],
      ['test/0.tar/s1.png', '0'],
      ['test/1.tar/s2.jpg', 'label is missing or none of the classes'],
      ['test/1.tar/s3.jpg', 'label is missing or none of the classes'],
    ]);
    const captions = lay({
      'test/0.tar': tarFile([
        { name: 's0.jpg', content: 'x' },
        { name: 's0.txt', content: 'first said\nthen said\n\n' },
        { name: 's1.jpg', content: 'y' },
        { name: 's1.txt', content: 'another' },
      ]),
      'dataset_type.txt': 'retrieval\n',
    });
    const pairs = await open(captions);
    expect(pairs.task).toBe('retrieval');
    expect(await rowsOf(pairs)).toEqual([
      ['test/0.tar/s0.jpg', 'first said'],
      ['test/0.tar/s0.jpg', 'then said'],
      ['test/0.tar/s1.jpg', 'another'],
    ]);
  });

  it('that is none says why', async () => {
    for (const [files, why] of [
      [{ 'a.jpg': '' }, /no folder for a class/],
      [{ 'test/0.tar': tarFile([]) }, /no classnames.txt/],
      [
        { 'test/nshards.txt': '3', 'test/0.tar': tarFile([]), 'classnames.txt': 'a' },
        /test\/1\.tar is missing, of 3/,
      ],
    ] as const)
      await expect(open(lay(files))).rejects.toMatchObject({
        code: 'labelled-set-unknown',
        message: expect.stringMatching(why),
      });
    await expect(open(join(folder, 'nowhere'))).rejects.toMatchObject({
      message: expect.stringMatching(/not there/),
    });
  });
});
