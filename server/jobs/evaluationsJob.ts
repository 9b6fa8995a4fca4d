import type { JobContext } from '../context.js';
import type { ValidParams } from '../protocol/contract.js';
import type { KeptEvaluations } from '../protocol/evaluation.js';
import { keptGroups } from './keptMeasures.js';
import { sweepBudgets } from './sweepBudgets.js';
import { openWorkspace } from './workspace.js';

/** What sweeps have measured of a dataset so far: methods of different days in one table where they can be compared. */
export async function evaluationsJob(
  params: ValidParams<'evaluations'>,
  context: JobContext,
): Promise<KeptEvaluations> {
  const workspace = await openWorkspace({ ...params, device: 'cpu' }, context);
  try {
    return {
      groups: keptGroups(workspace.home).map(({ settings, runs }) => ({
        classes: settings.classes,
        weights: settings.weights,
        holdout: settings.holdout,
        on: settings.on,
        budgets: sweepBudgets(settings, runs),
      })),
    };
  } finally {
    await workspace.release();
  }
}
