import type { EvaluationColumn, EvaluationReport, MeasureInfo, SweepReport } from '../protocol/evaluation.js';
import { legend, lineChart, shareChart, shortNumber, type Series } from './charts.js';
import { escaped, markdownCell as cell } from './escaped.js';
import { labelledTable } from './labelledTable.js';
import { htmlPage } from './page.js';

/** What a report says of the run besides its numbers, each a line. */
export type Settings = [name: string, value: string][];

/** Measures that are drawn; all are in the tables. */
const DRAWN = [
  'on-average-cosine-acc1',
  'covarianceError',
  'linear-cosine-text-1',
  'linear-cosine-image-1',
  'clipScore',
  'classesCovered',
  'duplicateRate',
];

const CONCLUSIONS =
  'What may be concluded: which method keeps more classes, repeats itself less, matches better by the proxy, or leaves a linear model ' +
  'in closed form that retrieves better, on this data and with this proxy. What may not: that a model trained on one subset will beat a ' +
  'model trained on another. No measure taken before training is an accuracy; distances to the full data reward keeping its noise; and ' +
  'every number rests on the proxy that made the embeddings.';

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--page:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--page:#0d1117}}
@media print{:root{--ink:#000;--soft:#333;--line:#999;--page:#fff}figure,tr{break-inside:avoid}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:1100px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}p,dl{max-width:76ch}dt{font-weight:600}dd{margin:0 0 .4em;color:var(--soft);overflow-wrap:anywhere}
.charts{display:flex;flex-wrap:wrap;gap:1em}figure{margin:0;width:420px;max-width:100%}figcaption{font-weight:600}svg{max-width:100%}
path,line{fill:none;stroke-width:2;stroke:var(--c,currentColor)}.dot{fill:var(--c)}.grid{stroke:var(--line);stroke-width:1}.tick{font-size:11px;fill:var(--soft)}
.s0{--c:#1f6feb}.s1{--c:#d1570b}.s2{--c:#1a7f37}.s3{--c:#8250df}.s4{--c:#bf3989}.s5{--c:#7d6b00}.s6{--c:#0b7285}.s7{--c:#6e7781}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.3em 1.4em}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.25em .7em;border-bottom:1px solid var(--line);text-align:right}
th:first-child{text-align:left}small{color:var(--soft)}`;

/** A page of its own. */
export function sweepHtml(report: SweepReport, title: string, settings: Settings): string {
  const { measures, note } = report.budgets[0]!.report;
  const names = namesOf(report);
  const charts = measures
    .filter(({ name }) => DRAWN.includes(name))
    .map((measure) => lineChart(measure.label, seriesOf(report, measure, names)));
  const body = `<p>${escaped(CONCLUSIONS)}</p>
${note === null ? '' : `<p>${escaped(note)}</p>`}
<h2>Settings</h2>
<dl>${settings.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>
<h2>Against the budget</h2>
${legend(names)}
<div class="charts">${charts.join('')}</div>
${report.budgets.map(({ budget, pairs, report: one }) => `<h2>${escaped(budget)}: ${pairs.toLocaleString('en-US')} pairs</h2>${shapesOf(one)}${tableOf(one)}${labelledHtml(one)}`).join('\n')}
<h2>What each measure says</h2>
<dl>${meaningsOf(measures)
    .map(([labels, meaning]) => `<dt>${escaped(labels)}</dt><dd>${escaped(meaning)}</dd>`)
    .join('')}</dl>`;
  return htmlPage(title, STYLE, body);
}

/** The same tables in Markdown. */
export function sweepMarkdown(report: SweepReport, title: string, settings: Settings): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const labelledLines = (one: EvaluationReport): string[] => {
    const [head, ...rows] = labelledTable(one) ?? [];
    if (!head) return [];
    const ruler = head.map((_, i) => (i ? '---:' : '---'));
    return ['', line(head.map(cell)), line(ruler), ...rows.map((row) => line(row.map(cell)))];
  };
  const tables = report.budgets.map(({ budget, pairs, report: one }) =>
    [
      `## ${cell(budget)}: ${pairs.toLocaleString('en-US')} pairs`,
      '',
      line(['', ...one.columns.map(({ name }) => cell(name))]),
      line(['---', ...one.columns.map(() => '---:')]),
      ...one.measures.map((measure) =>
        line([cell(measure.label), ...one.columns.map((column) => valueOf(column, measure))]),
      ),
      ...labelledLines(one),
    ].join('\n'),
  );
  const { measures, note } = report.budgets[0]!.report;
  return [
    `# ${cell(title)}`,
    CONCLUSIONS,
    ...(note === null ? [] : [note]),
    settings.map(([name, value]) => `- ${cell(name)}: ${cell(value)}`).join('\n'),
    ...tables,
    meaningsOf(measures)
      .map(([labels, meaning]) => `- **${cell(labels)}**: ${meaning}`)
      .join('\n'),
    '',
  ].join('\n\n');
}

/** One line for each budget, method and measure. Text that a spreadsheet would run as a formula is quoted as text. */
export function sweepCsv(report: SweepReport): string {
  const text = (value: string): string => {
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = ['budget,method,pairs,seeds,measure,mean,sd'];
  for (const { budget, report: one } of report.budgets)
    for (const { name, pairs, seeds, values } of one.columns)
      for (const measure of one.measures) {
        const value = values[measure.name];
        lines.push(
          [text(budget), text(name), pairs, seeds, measure.name, value?.mean ?? '', value?.sd ?? ''].join(
            ',',
          ),
        );
      }
  return `${lines.join('\n')}\n`;
}

/** How the picks of each method are spread, beside all pairs. */
function shapesOf({ columns }: EvaluationReport): string {
  const shapes = columns.map(({ shape }) => shape).filter((shape) => shape !== undefined);
  if (shapes.length < columns.length) return '';
  const charts = [
    shareChart(
      'CLIP scores',
      shapes.map(({ scores }) => scores),
      [`score ${shapes[0]!.range[0]}`, `${shapes[0]!.range[1]}`],
    ),
    shareChart(
      'Shares of the largest classes',
      shapes.map(({ classes }) => classes.slice(0, -1)),
      ['the largest', 'smaller'],
    ),
  ];
  return `${legend(columns.map(({ name }) => name))}<div class="charts">${charts.join('')}</div>`;
}

function namesOf(report: SweepReport): string[] {
  return report.budgets[0]!.report.columns.map(({ name }) => name).filter((name) => name !== 'all pairs');
}

function seriesOf(report: SweepReport, { name: measure }: MeasureInfo, names: string[]): Series[] {
  return names.map((name) => ({
    name,
    points: report.budgets.flatMap(({ pairs, report: one }) => {
      const value = one.columns.find((column) => column.name === name)?.values[measure];
      return value ? [{ x: pairs, ...value }] : [];
    }),
  }));
}

function tableOf({ measures, columns }: EvaluationReport): string {
  const head = columns.map(
    ({ name, pairs, seeds }) =>
      `<th scope="col">${escaped(name)}<br><small>${pairs.toLocaleString('en-US')} pairs${seeds > 1 ? `, ${seeds} seeds` : ''}</small></th>`,
  );
  const rows = measures.map(
    (measure) =>
      `<tr><th scope="row">${escaped(measure.label)}</th>${columns.map((column) => `<td>${valueOf(column, measure)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll"><table><thead><tr><th></th>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function labelledHtml(report: EvaluationReport): string {
  const [head, ...rows] = labelledTable(report) ?? [];
  if (!head) return '';
  const cells = (row: string[]): string =>
    `<tr><th scope="row">${escaped(row[0]!)}</th>${row
      .slice(1)
      .map((cell) => `<td>${escaped(cell)}</td>`)
      .join('')}</tr>`;
  const columns = head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('');
  return `<div class="scroll"><table><thead><tr>${columns}</tr></thead><tbody>${rows.map(cells).join('')}</tbody></table></div>`;
}

function valueOf({ values, seeds }: EvaluationColumn, { name }: MeasureInfo): string {
  const value = values[name];
  if (!value) return '–';
  return seeds > 1 ? `${shortNumber(value.mean)} ± ${shortNumber(value.sd)}` : shortNumber(value.mean);
}

/** Measures that follow each other and say the same share a sentence. */
function meaningsOf(measures: MeasureInfo[]): [labels: string, meaning: string][] {
  const groups: [string, string][] = [];
  for (const { label, meaning } of measures) {
    const last = groups.at(-1);
    if (last?.[1] === meaning) last[0] += `; ${label}`;
    else groups.push([label, meaning]);
  }
  return groups;
}
