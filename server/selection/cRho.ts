import { ClipcovError } from '../errors.js';
import { candidates } from './baselines.js';
import { largestScores } from './byScore.js';
import { negClipLoss } from './negClipLoss.js';
import { halfOf, type SelectionInput, type SelectionOrder } from './selectionInput.js';

/**
 * C-RHO: the pairs whose contrastive loss falls most from an early model to the reference model, that is, those that are
 * learnable and not learnt at once. The loss of a pair is −1/T of its negative CLIP loss, over the same random batches
 * under both models.
 */
export async function selectCRho(input: SelectionInput): Promise<SelectionOrder> {
  const { early } = input;
  if (!early)
    throw new ClipcovError('early-missing', 'c-rho needs the embeddings of an early model.', {
      fix: 'Give a store of the same pairs by a model of an early checkpoint with --early STORE.',
    });
  const rows = candidates(input.labels);
  const reference = await negClipLoss(halfOf(input, 0));
  const before = await negClipLoss({
    ...halfOf(input, 1),
    table: early.table,
    products: early.products,
  });
  const drop = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) drop[i] = reference[rows[i]!]! - before[rows[i]!]!;
  return largestScores(rows, drop, input.budget);
}
