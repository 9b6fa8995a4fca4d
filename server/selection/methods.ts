import type { Method } from '../protocol/contract.js';
import { selectByClipScore, selectRandom } from './baselines.js';
import { selectClipcov } from './clipcov.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';

/** Every method by name: one line registers one. */
export const methods: Record<Method, (input: SelectionInput) => Promise<SelectionOrder>> = {
  clipcov: selectClipcov,
  'clip-score': selectByClipScore,
  random: selectRandom,
};
