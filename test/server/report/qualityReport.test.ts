import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { QualityFinding, QualityPair, QualityReport } from '../../../server/protocol/quality.js';
import {
  byDimension,
  exampleText,
  percent,
  qualityCsv,
  qualityHtml,
  qualityMarkdown,
} from '../../../server/report/qualityReport.js';

const HOSTILE = '=cmd|"<script>alert(1)</script>"\n`[x](http://y)`';
const pair = (id: number, caption: string, reason: string | null = null): QualityPair => ({
  ...{ id, image: 'a/<b>.png', caption, reason, repeats: null },
});
const finding = (of: Partial<QualityFinding>): QualityFinding => ({
  ...{ id: 'tiny', dimension: 'correctness', title: 'Small', why: 'It shows blur.', severity: 'problem' },
  ...{ count: 3, share: 0.25, examples: [] },
  ...of,
});

const report: QualityReport = {
  schema: 1,
  dataset: { pairs: 12, embedded: 11, fingerprint: 'f' },
  model: { name: HOSTILE, fingerprint: 'm' },
  nearDuplicates: 0.05,
  findings: [
    finding({ title: HOSTILE, examples: [pair(4, HOSTILE), pair(7, '', HOSTILE)] }),
    finding({ id: 'unreadable', dimension: 'completeness', count: 1, share: 0.0004 }),
  ],
  scripts: [
    { script: 'Latin', count: 10 },
    { script: null, count: 1 },
  ],
  clipScore: { median: 0.31416, chance: 0.1 },
  classes: {
    ...{ classes: 4, used: 3, effective: 2.55, description: 'k-means' },
    largest: [{ name: HOSTILE, count: 6, share: 0.5 }],
  },
  clusters: { count: 2, largest: 5 },
  idsSha256: 's',
};

describe('the words of a dataset report', () => {
  it('show a share that is not nothing as more than nothing', () => {
    expect([0, 0.0009, 0.001, 0.12345, 1].map(percent)).toEqual([
      '0.0 %',
      '< 0.1 %',
      '0.1 %',
      '12.3 %',
      '100.0 %',
    ]);
  });

  it('show an example in a line of 80 signs: its caption, or why it has no embedding', () => {
    expect(exampleText(pair(3, 'a  red\n\tsign'))).toBe('3: a red sign');
    expect(exampleText(pair(3, 'x'.repeat(80)))).toBe(`3: ${'x'.repeat(80)}`);
    expect(exampleText(pair(3, 'x'.repeat(81)))).toBe(`3: ${'x'.repeat(79)}…`);
    expect(exampleText(pair(3, 'not told', 'image is missing'))).toBe('3: image is missing (a/<b>.png)');
    expect(exampleText({ ...pair(3, ''), caption: null })).toBe('3: ');
    expect(exampleText({ ...pair(3, '', 'gone'), image: null })).toBe('3: gone ()');
  });

  it('come by dimension, those without a finding too', () => {
    expect(byDimension(report).map(([name, found]) => [name, found.map(({ id }) => id)])).toEqual([
      ['completeness', ['unreadable']],
      ['correctness', ['tiny']],
      ['consistency', []],
      ['uniqueness', []],
      ['balance', []],
    ]);
  });
});

describe('the dataset report', () => {
  it('is HTML whose texts are text, under a policy that lets in its own style alone', () => {
    const html = qualityHtml(report);
    expect(html).not.toMatch(/<script|<b>|src=|href=/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const style = /<style>([^]*?)<\/style>/.exec(html)![1]!;
    expect(html).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(html.match(/<h2>/g)).toHaveLength(5);
    expect(html).toContain('<td class="number">3</td><td class="number">25.0 %</td>');
    expect(html).toContain('median 0.314, by chance 0.100');
    expect(html).toContain('3 of 4 used, as even as 2.5 equal ones (k-means)');
    expect(html).toContain('2 clusters, the largest of 5 pairs (ε = 0.05)');
    expect(html).toContain('Latin 10, no letters 1');
  });

  it('is Markdown whose cells stay cells, and whose texts neither link nor run', () => {
    const markdown = qualityMarkdown(report);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(5 * 2 + 2);
    for (const row of rows) expect(row.replaceAll('\\|', '').match(/\|/g)).toHaveLength(5);
    expect(markdown).not.toContain('<script');
    expect(markdown.replaceAll('\\[', '').replaceAll('\\]', '')).not.toMatch(/\[x|\]\(/);
    expect(markdown).toContain('| Small (unreadable) | 1 | &lt; 0.1 % |  |');
  });

  it('is CSV in which nothing is a formula', () => {
    expect(qualityCsv(report)).toBe(
      [
        'finding,dimension,severity,title,pairs,share,examples',
        `tiny,correctness,problem,"'${HOSTILE.replaceAll('"', '""')}",3,0.25,4 7`,
        'unreadable,completeness,problem,Small,1,0.0004,',
        '',
      ].join('\n'),
    );
    for (const start of ['=', '+', '-', '@', '\t', '\r'])
      expect(qualityCsv({ ...report, findings: [finding({ title: `${start}1` })] })).toContain(`'${start}1`);
  });
});
