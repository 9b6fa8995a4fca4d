import { evaluationReport } from '../evaluation/measures.js';
import type { SweepReport } from '../protocol/contract.js';
import { ALL_PAIRS, type KeptRun, type SweepSettings } from './keptMeasures.js';

/** A table for each budget: methods in the order of their first runs, all pairs last. */
export function sweepBudgets(
  { budgets, note }: SweepSettings,
  runs: readonly KeptRun[],
): SweepReport['budgets'] {
  const named = (name: string): KeptRun[] => runs.filter(({ method }) => method === name);
  const methods = [...new Set(runs.map(({ method }) => method))].filter((name) => name !== ALL_PAIRS);
  return budgets.map(({ text, pairs }, b) => ({
    budget: text,
    pairs,
    report: evaluationReport(
      [
        ...methods.map((name) => ({ name, runs: named(name).map(({ measures }) => measures[b]!) })),
        ...named(ALL_PAIRS).map(({ measures }) => ({ name: ALL_PAIRS, runs: measures.slice(0, 1) })),
      ],
      note,
    ),
  }));
}
