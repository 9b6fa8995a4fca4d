import { describe, expect, it } from 'vitest';
import { storeFacts, subsetFacts } from '../../../extension/subsets/documents.js';
import { groupByDataset } from '../../../extension/subsets/grouping.js';
import { targetUri } from '../../../extension/subsets/nodes.js';

describe('groupByDataset', () => {
  it('finds the dataset of a subset by the folders alone', () => {
    const groups = groupByDataset(
      [
        '/w/icons/subsets/clipcov-10pct.clipcov.json',
        '/w/icons/subsets/clipcov-5pct.clipcov.json',
        '/w/elsewhere/own.clipcov.json',
      ],
      ['/w/icons/.clipcov/.gitignore', '/w/photos/.clipcov/.gitignore'],
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
    parameters: { method: 'clipcov', budget: '10%' },
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
      ...{ device: 'cpu (2 threads)', picksFile: 'a.parquet' },
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
