import type { Evaluated, SubsetShape } from '../evaluation/evaluated.js';
import { evaluationReport } from '../evaluation/measures.js';
import type { SweepReport } from '../protocol/evaluation.js';
import { ALL_PAIRS, type KeptRun, type SweepSettings } from './keptMeasures.js';

/** A table for each budget: methods in the order of their first runs, all pairs last. */
export function sweepBudgets(
  { budgets, note }: SweepSettings,
  runs: readonly KeptRun[],
): SweepReport['budgets'] {
  const named = (name: string): KeptRun[] => runs.filter(({ method }) => method === name);
  const methods = [...new Set(runs.map(({ method }) => method))].filter((name) => name !== ALL_PAIRS);
  return budgets.map(({ text, pairs }, b) => {
    const subsets = [
      ...methods.map((name) => ({ name, runs: named(name).map(({ measures }) => measures[b]!) })),
      ...named(ALL_PAIRS).map(({ measures }) => ({ name: ALL_PAIRS, runs: measures.slice(0, 1) })),
    ];
    const { columns, ...report } = evaluationReport(subsets, note);
    const shaped = columns.map((column, i) => ({ ...column, shape: meanShape(subsets[i]!.runs) }));
    return { budget: text, pairs, report: { ...report, columns: shaped } };
  });
}

function meanShape(runs: readonly Evaluated[]): SubsetShape {
  const mean = (side: 'scores' | 'classes'): number[] =>
    runs[0]!.shape[side].map(
      (_, i) => runs.reduce((sum, { shape }) => sum + shape[side][i]!, 0) / runs.length,
    );
  return { range: runs[0]!.shape.range, scores: mean('scores'), classes: mean('classes') };
}
