import {
  DIMENSIONS,
  type QualityFinding,
  type QualityPair,
  type QualityReport,
} from '../protocol/quality.js';
import { escaped, markdownCell as cell } from './escaped.js';
import { htmlPage } from './page.js';

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--page:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--page:#0d1117}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:1100px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}small{color:var(--soft)}.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.3em .7em;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
.number{text-align:right;white-space:nowrap}`;

const CONCLUSIONS =
  'Each check says what to look at, not what to remove: scores, near duplicates and classes are the proxy’s view, and scripts are no languages.';

/** `12.3 %`; a share that rounds to nothing is not shown as none. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  return `${(100 * share).toFixed(1)} %`;
}

/** What an example shows in a line: its caption, or why it has no embedding. */
export function exampleText({ id, caption, image, reason }: QualityPair): string {
  const text = reason === null ? (caption ?? '') : `${reason} (${image ?? ''})`;
  const line = text.replace(/\s+/g, ' ');
  return `${id}: ${line.length > 80 ? `${line.slice(0, 79)}…` : line}`;
}

/** Findings by dimension, in the report's order. */
export function byDimension({ findings }: QualityReport): [string, QualityFinding[]][] {
  return DIMENSIONS.map((name) => [name, findings.filter(({ dimension }) => dimension === name)]);
}

/** What a report says beside its findings, each a line. */
export function figures(report: QualityReport): [name: string, value: string][] {
  const { dataset, clipScore, classes, clusters, scripts } = report;
  return [
    ['Pairs', `${dataset.pairs}, of which ${dataset.embedded} are embedded by ${report.model.name}`],
    ['CLIP score', `median ${clipScore.median.toFixed(3)}, by chance ${clipScore.chance.toFixed(3)}`],
    [
      'Classes',
      `${classes.used} of ${classes.classes} used, as even as ${classes.effective.toFixed(1)} equal ones (${classes.description})`,
    ],
    ['Largest', classes.largest.map(({ name, share }) => `${name} ${percent(share)}`).join(', ')],
    [
      'Near duplicates',
      `${clusters.count} clusters, the largest of ${clusters.largest} pairs (ε = ${report.nearDuplicates})`,
    ],
    ['Scripts', scripts.map(({ script, count }) => `${script ?? 'no letters'} ${count}`).join(', ')],
  ];
}

/** A page of its own. */
export function qualityHtml(report: QualityReport): string {
  const row = ({ id, title, why, severity, count, share, examples }: QualityFinding): string =>
    `<tr><th scope="row">${escaped(title)}<br><small>${escaped(id)} · ${severity}</small></th>` +
    `<td class="number">${count}</td><td class="number">${percent(share)}</td>` +
    `<td>${escaped(why)}${examples.map((pair) => `<br><small>${escaped(exampleText(pair))}</small>`).join('')}</td></tr>`;
  const sections = byDimension(report).map(
    ([name, findings]) =>
      `<h2>${name}</h2><div class="scroll"><table><thead><tr><th scope="col">Finding</th><th scope="col">Pairs</th>` +
      `<th scope="col">Share</th><th scope="col">Why, and examples</th></tr></thead><tbody>${findings.map(row).join('')}</tbody></table></div>`,
  );
  const body = `<p>${escaped(CONCLUSIONS)}</p>
<table><tbody>${figures(report)
    .map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
    .join('')}</tbody></table>
${sections.join('\n')}`;
  return htmlPage('Dataset report', STYLE, body);
}

/** The same in Markdown. */
export function qualityMarkdown(report: QualityReport): string {
  const table = (findings: QualityFinding[]): string =>
    [
      '| finding | pairs | share | example |',
      '| --- | ---: | ---: | --- |',
      ...findings.map(
        ({ title, id, count, share, examples }) =>
          `| ${cell(title)} (${id}) | ${count} | ${cell(percent(share))} | ${examples[0] ? cell(exampleText(examples[0])) : ''} |`,
      ),
    ].join('\n');
  return [
    '# Dataset report',
    CONCLUSIONS,
    figures(report)
      .map(([name, value]) => `- ${name}: ${cell(value)}`)
      .join('\n'),
    ...byDimension(report).flatMap(([name, findings]) => [`## ${name}`, table(findings)]),
    '',
  ].join('\n\n');
}

/** One line for each finding. Text that a spreadsheet would run as a formula is quoted as text. */
export function qualityCsv({ findings }: QualityReport): string {
  const text = (value: string): string => {
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = findings.map(({ id, dimension, severity, title, count, share, examples }) =>
    [
      ...[id, dimension, severity, text(title), count, share],
      text(examples.map((pair) => pair.id).join(' ')),
    ].join(','),
  );
  return `${['finding,dimension,severity,title,pairs,share,examples', ...lines].join('\n')}\n`;
}
