import type { EvaluationColumn, EvaluationReport } from '../protocol/evaluation.js';

/** The column of the full data, which has no budget to keep. */
export const ALL_PAIRS = 'all pairs';

/** The one metric of a set that stands in the table, and the set that it is of. */
const SHOWN = /^on-(.+)-cosine-(acc1|text_retrieval_recall@1)$/;

/**
 * Labelled sets down, methods across, as tables of papers have it: linear CLIP's acc1, or the recall@1 of captions, then the
 * average over the sets, and each average as a ratio to the best of the others. Null where there are no labelled sets.
 */
export function labelledTable({ measures, columns }: EvaluationReport): string[][] | null {
  const rows = measures.flatMap(({ name }) => {
    const [, set, metric] = SHOWN.exec(name) ?? [];
    return set === undefined || set === 'average' ? [] : [{ name, label: `${set}, ${metric}` }];
  });
  if (rows.length === 0) return null;
  const valuesOf = (column: EvaluationColumn): number[] =>
    rows.map(({ name }) => column.values[name]?.mean ?? NaN);
  const averages = columns.map((column) => valuesOf(column).reduce((sum, x) => sum + x, 0) / rows.length);
  const ratios = columns.map((column, i) => {
    const others = averages.filter((_, j) => j !== i && columns[j]!.name !== ALL_PAIRS);
    return column.name === ALL_PAIRS || others.length === 0 ? NaN : averages[i]! / Math.max(...others);
  });
  const shown = (value: number, digits: number): string =>
    Number.isFinite(value) ? value.toFixed(digits) : '–';
  return [
    ['Linear CLIP (cosine) on labelled sets', ...columns.map(({ name }) => name)],
    ...rows.map(({ label }, r) => [label, ...columns.map((column) => shown(valuesOf(column)[r]!, 4))]),
    ['average', ...averages.map((value) => shown(value, 4))],
    ['ratio to the best other', ...ratios.map((value) => shown(value, 3))],
  ];
}
