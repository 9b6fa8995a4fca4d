import type { EvaluationColumn, MeasureInfo } from '../../server/protocol/evaluation.js';

/** The columns that lead in a measure; the full data, which has no budget to keep, does not compete. */
export function bestColumns(
  { name, better }: Pick<MeasureInfo, 'name' | 'better'>,
  columns: readonly EvaluationColumn[],
): Set<EvaluationColumn> {
  const budget = columns[0]?.pairs ?? 0;
  const rivals = columns.filter((column) => column.pairs <= budget && column.values[name]);
  if (better === 'neither' || rivals.length < 2) return new Set();
  const mean = (column: EvaluationColumn): number => column.values[name]?.mean ?? NaN;
  const means = rivals.map(mean);
  const best = better === 'lower' ? Math.min(...means) : Math.max(...means);
  return new Set(rivals.filter((column) => mean(column) === best));
}
