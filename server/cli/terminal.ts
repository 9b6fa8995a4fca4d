import { labelledTable } from '../report/labelledTable.js';
import type { JobContext } from '../context.js';
import type { Parsed } from './arguments.js';
import type { SkippedRows } from '../protocol/dataset.js';
import type { EvaluationReport, KeptEvaluations, SweepReport } from '../protocol/evaluation.js';
import type { Explanation } from '../protocol/pairs.js';
import type { DeviceReport, JobProgress } from '../protocol/progress.js';
import type { SelectionReport } from '../protocol/selection.js';

/** Progress on standard error, one line that is written over on a terminal; ^C asks the job to stop. */
export function terminalContext(): JobContext {
  let cancelled = false;
  let stage = '';
  process.once('SIGINT', () => {
    cancelled = true;
    process.stderr.write('\nCancelling … (finished parts are kept)\n');
    // A second ^C ends the process at once.
  });
  return {
    cancelled: () => cancelled,
    report(progress) {
      const line = progressLine(progress);
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
      // In a log, one line a stage says enough.
      else if (progress.stage !== stage || progress.done === progress.total)
        process.stderr.write(`${line}\n`);
      stage = progress.stage;
    },
  };
}

function progressLine({ stage, done, total, unit, rate, secondsLeft, device, skipped }: JobProgress): string {
  const count = (value: number): string => (unit === 'bytes' ? byteCount(value) : `${value} ${unit}`);
  const parts = [
    unit === 'bytes'
      ? `${stage.padEnd(8)} ${byteCount(done)} of ${byteCount(total)}`
      : `${stage.padEnd(8)} ${done}${total ? `/${total}` : ''} ${unit}`,
  ];
  if (rate !== null) parts.push(`${count(rate >= 10 ? Math.round(rate) : Number(rate.toFixed(1)))}/s`);
  if (secondsLeft !== null && secondsLeft > 1) parts.push(`${duration(secondsLeft)} left`);
  if (skipped) parts.push(`${skipped} left out`);
  return [...parts, device].filter(Boolean).join(' · ');
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.ceil(seconds)} s`;
}

/** A command's result: a text for a person, or one JSON object. */
export function print({ values }: Pick<Parsed, 'values'>, json: unknown, text: () => string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  process.stdout.write(values['json'] ? `${JSON.stringify(json)}\n` : text());
}

/** `812 B`, `19.9 MB` */
export function byteCount(bytes: number): string {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power && value < 100 ? value.toFixed(1) : Math.round(value)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** Why other devices were not taken, or not kept. */
export function describeRefused({ refused }: DeviceReport): string[] {
  return refused.map(({ device, reason }) => `         not ${device}: ${reason}`);
}

/** What a person wants to know of a finished selection. */
export function describeSelection(report: SelectionReport): string {
  const { objective, proxy, device, seconds } = report;
  const lines = [
    `${report.picks} of ${report.pairs} pairs by ${report.method} · ${report.classes}`,
    `device   ${device.used}${device.why ? `: ${device.why}` : ''}`,
    ...describeRefused(device),
    `proxy    AUC ${proxy.auc.toFixed(3)} matched against shuffled, ${proxy.sample} pairs`,
    `aside    ${report.exactDuplicates} exact duplicates, ${report.nearDuplicates} near duplicates`,
    ...describeSkipped(report.skipped),
    `F(S)     ${objective.value.toFixed(4)} = ${Object.entries(objective.terms)
      .map(([name, value]) => `${name} ${value.toFixed(2)}`)
      .join(' + ')}`,
    `seconds  ${Object.entries(seconds)
      .map(([stage, value]) => `${stage} ${value.toFixed(2)}`)
      .join(', ')}`,
    ...report.warnings.map((warning) => `warning  ${warning}`),
    ...(report.evaluation ? ['', evaluationTable(report.evaluation)] : []),
    '',
    ...report.subsets.map(({ subset }) => `subset   ${subset}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Why a pair was picked or not, for a person. */
export function describeExplanation(found: Explanation): string {
  const { gain, nearest } = found;
  const lines = [
    `pair ${found.id}  ${found.image ?? ''}`,
    ...(found.caption === null ? [] : [`caption  ${found.caption}`]),
    found.reason,
    ...(found.latentClass === null
      ? []
      : [`class    ${found.latentClass}: ${found.classPicks} of ${found.classSize} pairs picked`]),
    ...(gain
      ? [
          `gain     ${gain.value.toFixed(4)} = ${Object.entries(gain.terms)
            .map(([name, value]) => `${name} ${value.toFixed(4)}`)
            .join(' + ')}`,
        ]
      : []),
    ...(nearest
      ? [`nearest  pick ${nearest.rank + 1}, id ${nearest.id}, cosine ${nearest.cosine.toFixed(4)}`]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

export function describeSkipped(skipped: SkippedRows): string[] {
  if (skipped.total === 0) return [];
  return [
    `left out ${skipped.total} rows`,
    ...skipped.reasons.map(({ reason, count, examples }) => {
      const some = examples.slice(0, 3).map((example) => example.where);
      return `         ${count} × ${reason}: ${some.join(', ')}${count > some.length ? ', …' : ''}`;
    }),
  ];
}

/** A table for each budget, and once what the measures say. */
export function sweepTables({ budgets, classes, device, seconds, out }: SweepReport): string {
  const spent = Object.entries(seconds).map(([stage, value]) => `${stage} ${value.toFixed(1)}`);
  const { measures, note } = budgets[0]!.report;
  return [
    ...budgets.flatMap(({ budget, pairs, report }) => [
      `budget   ${budget}: ${pairs} pairs`,
      [...columnsOf(report), ...labelledRows(report)].join('\n'),
      '',
    ]),
    ...(note === null ? [] : [note]),
    ...meanings(measures),
    '',
    `classes  ${classes}`,
    `device   ${device.used}`,
    `seconds  ${spent.join(', ')}`,
    ...out.map((file) => `report   ${file}`),
    '',
  ].join('\n');
}

/** What sweeps have measured, a group of tables for each choice of classes, weights, budgets and sets. */
export function keptTables({ groups }: KeptEvaluations): string {
  if (groups.length === 0)
    return 'nothing is measured yet: clipcov sweep DATASET measures methods beside each other\n';
  return groups
    .map(({ classes, weights, holdout, on, budgets }) =>
      [
        `classes  ${classes}`,
        `weights  ${Object.entries(weights)
          .map(([name, value]) => `${name}=${value}`)
          .join(', ')}`,
        ...(holdout === null ? [] : [`held out ${holdout}`]),
        ...(on.length ? [`sets     ${on.join(', ')}`] : []),
        ...budgets.flatMap(({ budget, pairs, report }) => [
          `budget   ${budget}: ${pairs} pairs`,
          ...columnsOf(report),
          ...labelledRows(report),
          '',
        ]),
      ].join('\n'),
    )
    .join('\n');
}

/** Measures down, subsets across; mean ± sd where there are several seeds. */
export function evaluationTable(report: EvaluationReport): string {
  const { measures, note } = report;
  return [
    ...columnsOf(report),
    ...labelledRows(report),
    '',
    ...(note === null ? [] : [note]),
    ...meanings(measures),
  ].join('\n');
}

function columnsOf({ measures, columns }: EvaluationReport): string[] {
  const rows = [
    ['', ...columns.map((column) => column.name)],
    ['pairs', ...columns.map((column) => String(column.pairs))],
    ...measures.map((measure) => [
      measure.label,
      ...columns.map((column) => {
        const value = column.values[measure.name];
        if (!value) return '–';
        return column.seeds > 1 ? `${short(value.mean)} ± ${short(value.sd)}` : short(value.mean);
      }),
    ]),
  ];
  return aligned(rows);
}

function labelledRows(report: EvaluationReport): string[] {
  const table = labelledTable(report);
  return table ? ['', ...aligned(table)] : [];
}

function aligned(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
}

function short(value: number): string {
  return Number.isInteger(value)
    ? String(value)
    : Math.abs(value) >= 100
      ? value.toFixed(1)
      : value.toFixed(3);
}

/** What each measure says; measures that follow each other and say the same share a line. */
function meanings(measures: EvaluationReport['measures']): string[] {
  const groups: { labels: string[]; meaning: string }[] = [];
  for (const { label, meaning } of measures) {
    const last = groups.at(-1);
    if (last?.meaning === meaning) last.labels.push(label);
    else groups.push({ labels: [label], meaning });
  }
  return groups.map(({ labels, meaning }) => `${labels.join('; ')}: ${meaning}`);
}
