import type { Method } from '../protocol/selection.js';
import { selectByClipScore, selectRandom } from './baselines.js';
import { selectClipcov } from './clipcov.js';
import { selectPruned } from './pruned.js';
import { selectCRho } from './cRho.js';
import { selectNotebook } from './notebook.js';
import { selectNegClipLoss } from './negClipLoss.js';
import { selectNormSim } from './normSim.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { selectSemdedup } from './semdedup.js';
import { selectSemdedupReleased } from './semdedupReleased.js';
import { selectSkmm } from './skmm.js';

/** Every method by name: one line registers one. */
export const methods: Record<Method, (input: SelectionInput) => Promise<SelectionOrder>> = {
  clipcov: selectClipcov,
  'clipcov-pruned': selectPruned,
  'clipcov-notebook': (input) => selectNotebook(input),
  'clip-score': selectByClipScore,
  semdedup: selectSemdedup,
  'semdedup-released': selectSemdedupReleased,
  'neg-clip-loss': (input) => selectNegClipLoss(input),
  'norm-sim': selectNormSim,
  'c-rho': selectCRho,
  skmm: selectSkmm,
  random: selectRandom,
};
