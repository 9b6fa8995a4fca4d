import { describe, expect, it } from 'vitest';
import type { EvaluationReport, SweepReport } from '../../../server/protocol/evaluation.js';
import { sweepCsv, sweepHtml, sweepMarkdown } from '../../../server/report/sweepReport.js';

const HOSTILE = '=HYPERLINK("http://x")|<img src=x onerror=alert(1)>';

function tableOf(pairs: number, mean: number): EvaluationReport {
  const values = (value: number, sd = 0): EvaluationReport['columns'][number]['values'] => ({
    clipScore: { mean: value, sd },
    covarianceError: null,
  });
  return {
    note: 'On pairs <held> out.',
    measures: [
      { name: 'clipScore', label: 'Mean CLIP score', better: 'higher', meaning: 'How well.' },
      { name: 'covarianceError', label: 'Error', better: 'neither', meaning: 'How far.' },
    ],
    columns: [
      { name: HOSTILE, pairs, seeds: 1, values: values(mean) },
      { name: 'random', pairs, seeds: 3, values: values(0.25, 0.0125) },
      { name: 'all pairs', pairs: 1000, seeds: 1, values: values(0.3) },
    ],
  };
}

const report: SweepReport = {
  budgets: [
    { budget: '5%', pairs: 50, report: tableOf(50, 0.5) },
    { budget: '10%', pairs: 100, report: tableOf(100, 0.4567891) },
  ],
  classes: 'k-means, 4 classes',
  device: { used: 'cpu (2 threads)', refused: [] },
  seconds: {},
  out: [],
};
const SETTINGS: [string, string][] = [['Dataset', `${HOSTILE}\u202e\u0007`]];

describe('the report of a sweep', () => {
  it('is HTML whose texts are text, that asks for nothing and runs nothing', () => {
    const html = sweepHtml(report, HOSTILE, SETTINGS);
    expect(html).not.toMatch(/<img|<script|\u202e/);
    expect(html).not.toContain('\u0007');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).toMatch(/default-src 'none'; style-src 'sha256-[\w+/=]+'/);
    expect(html).not.toMatch(/(src|href)=["']?(http|\/\/)/);
    expect(html).toContain('0.457');
    expect(html).toContain('0.250 ± 0.013');
    // A chart of what is drawn and has values, with a point for each budget.
    expect(html.match(/<figure>/g)).toHaveLength(1);
    expect(html.match(/<circle/g)).toHaveLength(4);
  });

  it('draws how picks are spread, where that is known of every method', () => {
    const [{ report: one, ...first }] = report.budgets as [SweepReport['budgets'][number]];
    const shape = { range: [-0.2, 0.6] as [number, number], scores: [0.25, 0.75], classes: [0.5, 0.3, 0.2] };
    const columns = one.columns.map((column) => ({ ...column, shape }));
    const html = sweepHtml(
      { ...report, budgets: [{ ...first, report: { ...one, columns } }] },
      'a',
      SETTINGS,
    );
    expect(html.match(/<figure>/g)).toHaveLength(3);
    expect(html).toContain('>score -0.2<');
    expect(html).toContain('75.0 %');
    expect(html).not.toContain('<img');
  });

  it('is Markdown whose cells stay cells', () => {
    const markdown = sweepMarkdown(report, HOSTILE, SETTINGS);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(2 * 4);
    for (const row of rows) expect(row.replaceAll('\\|', '').match(/\|/g)).toHaveLength(5);
    expect(markdown).not.toContain('<img');
  });

  it('is CSV with all digits, in which nothing is a formula', () => {
    const lines = sweepCsv(report).trim().split('\n');
    expect(lines).toHaveLength(1 + 2 * 3 * 2);
    expect(lines[0]).toBe('budget,method,pairs,seeds,measure,mean,sd');
    expect(lines[1]).toBe(`5%,"'${HOSTILE.replaceAll('"', '""')}",50,1,clipScore,0.5,0`);
    expect(lines[2]).toMatch(/,covarianceError,,$/);
    expect(lines.some((line) => line.includes('0.4567891'))).toBe(true);
    expect(lines.every((line) => !/^"?[=+\-@]|,"?[=+\-@]/.test(line))).toBe(true);
  });
});
