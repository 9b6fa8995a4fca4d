import { expect, it } from 'vitest';
import type { EvaluationReport } from '../../../server/protocol/evaluation.js';
import { labelledTable } from '../../../server/report/labelledTable.js';

const measure = (name: string): EvaluationReport['measures'][number] => ({
  name,
  label: name,
  better: 'higher',
  meaning: '',
});
const column = (name: string, values: Record<string, number>): EvaluationReport['columns'][number] => ({
  name,
  pairs: 10,
  seeds: 1,
  values: Object.fromEntries(Object.entries(values).map(([key, mean]) => [key, { mean, sd: 0 }])),
});

it('has a line for each set, the average, and the ratio to the best of the other subsets', () => {
  const names = ['on-a-b-cosine-acc1', 'on-a-b-plain-acc1', 'on-flickr-cosine-text_retrieval_recall@1'];
  const values = (a: number, flickr: number): Record<string, number> => ({
    [names[0]!]: a,
    [names[1]!]: 0.9,
    [names[2]!]: flickr,
  });
  const report: EvaluationReport = {
    note: null,
    measures: [measure('clipScore'), ...names.map(measure), measure('on-average-cosine-acc1')],
    columns: [
      column('clipcov', values(0.6, 0.4)),
      column('random', values(0.3, 0.5)),
      column('all pairs', values(1, 0.8)),
    ],
  };
  expect(labelledTable(report)!.slice(1)).toEqual([
    ['a-b, acc1', '0.6000', '0.3000', '1.0000'],
    ['flickr, text_retrieval_recall@1', '0.4000', '0.5000', '0.8000'],
    ['average', '0.5000', '0.4000', '0.9000'],
    ['ratio to the best other', '1.250', '0.800', '–'],
  ]);
  expect(labelledTable({ ...report, measures: [measure('clipScore')] })).toBeNull();
});
