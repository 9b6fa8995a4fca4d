import { describe, expect, it } from 'vitest';
import { storeFacts, subsetFacts } from '../../../extension/subsets/documents.js';
import { groupByDataset } from '../../../extension/subsets/grouping.js';
import { filesOfSubset } from '../../../extension/subsets/ownFiles.js';
import { targetUri } from '../../../extension/subsets/nodes.js';

describe('groupByDataset', () => {
  it('finds the dataset of a subset by the folders alone', () => {
    const groups = groupByDataset(
      [
        '/w/icons/subsets/clipcov-10pct.clipcov.json',
        '/w/icons/subsets/clipcov-5pct.clipcov.json',
        '/w/elsewhere/own.clipcov.json',
      ],
      ['/w/icons/.clipcov/pairs.csv/icon-clip-0/plan.json', '/w/photos/.clipcov/images/cluster/1/run.json'],
    );
    expect(groups).toEqual([
      { folder: '/w/elsewhere', subsets: ['/w/elsewhere/own.clipcov.json'] },
      {
        folder: '/w/icons',
        subsets: [
          '/w/icons/subsets/clipcov-5pct.clipcov.json',
          '/w/icons/subsets/clipcov-10pct.clipcov.json',
        ],
      },
      { folder: '/w/photos', subsets: [] },
    ]);
  });
});

describe('subsetFacts', () => {
  const document = {
    picks: 10,
    dataset: { pairs: 100 },
    parameters: {
      ...{ method: 'clipcov', budget: '10%' },
      ...{ include: 'a.include-01234567.txt', exclude: '../elsewhere/list.txt' },
    },
    model: { name: 'icon-clip' },
    device: 'cpu (2 threads)',
    picksFile: 'a.parquet',
    evaluation: {
      measures: [{ name: 'm', label: 'Error', meaning: 'Lower is closer.' }],
      columns: [
        { name: 'subset', values: { m: { mean: 0.5, sd: 0 } } },
        { name: 'random', values: { m: null } },
        { name: 'clip-score', values: { m: { mean: 0.7, sd: 0.1 } } },
      ],
    },
  };

  it('says what the list shows of a subset', () => {
    expect(subsetFacts(document)).toEqual({
      ...{ picks: 10, pairs: 100, method: 'clipcov', budget: '10%', model: 'icon-clip' },
      ...{ device: 'cpu (2 threads)', picksFile: 'a.parquet', lists: ['a.include-01234567.txt'] },
      measures: [
        {
          label: 'Error',
          meaning: 'Lower is closer.',
          values: [
            { column: 'subset', mean: 0.5 },
            { column: 'clip-score', mean: 0.7 },
          ],
        },
      ],
    });
  });

  it('takes nothing that is not as it should be, and no way out of the folder', () => {
    const none = subsetFacts(null);
    for (const broken of [undefined, 7, 'text', [], { picks: -1, dataset: null, parameters: 'x', model: [] }])
      expect(subsetFacts(broken)).toEqual(none);
    for (const picksFile of ['../../etc/passwd', 'a/b.parquet', 'C:\\x.parquet', 'a.txt', ''])
      expect(subsetFacts({ picksFile }).picksFile).toBeNull();
    const evaluation = { measures: [null, { name: 'm' }], columns: [{ values: { m: { mean: 'x' } } }, 3] };
    expect(subsetFacts({ evaluation }).measures).toEqual([]);
    expect(subsetFacts({ parameters: { method: 'x'.repeat(9_000) } }).method?.length).toBe(500);
  });
});

describe('filesOfSubset', () => {
  const document = (name: string, lists: Record<string, string | null> = {}): object => ({
    picksFile: `${name}.parquet`,
    parameters: { include: null, exclude: null, ...lists },
  });
  const own = ['a.parquet', 'a.include-01234567.txt', 'a.exclude-89abcdef.txt'];
  const names = [
    ...own,
    'a.clipcov.json',
    'a.b.clipcov.json',
    'a.b.parquet',
    'a.b.include-01234567.txt',
    'mine.txt',
    'a.include.txt',
    'a.include-0123456.txt',
    'b.include-01234567.txt',
  ];

  it('are its picks and the lists that were written for it, and nobody else’s', () => {
    const a = document('a', { include: 'a.include-01234567.txt', exclude: 'mine.txt' });
    expect(filesOfSubset('a.clipcov.json', a, names, [document('a.b'), null, 7])).toEqual(own);
    // Of one that cannot be read the picks are not known.
    expect(filesOfSubset('a.clipcov.json', null, names, [])).toEqual(own.slice(1));
    expect(filesOfSubset('a.clipcov.json', document('../b'), names, [])).toEqual(own.slice(1));
  });

  it('are none that another document names', () => {
    const copy = document('a', { include: 'a.include-01234567.txt' });
    expect(filesOfSubset('a.clipcov.json', copy, names, [copy])).toEqual(['a.exclude-89abcdef.txt']);
  });
});

it('counts the parts of a store by its plan', () => {
  expect(storeFacts({ model: { name: 'm' }, pairs: 2_049, partRows: 1_024 })).toEqual({
    ...{ model: 'm', pairs: 2_049, parts: 3 },
  });
  expect(storeFacts({ pairs: 5, partRows: 0 })).toEqual({ model: null, pairs: 5, parts: null });
});

it('takes an address, or what an entry of the list is about', () => {
  const uri = { fsPath: '/a', scheme: 'file' };
  expect(targetUri(uri)).toBe(uri);
  expect(targetUri({ kind: 'subset', uri })).toBe(uri);
  for (const other of [undefined, null, 'text', {}, { kind: 'subset', uri: 'x' }])
    expect(targetUri(other)).toBeUndefined();
});
