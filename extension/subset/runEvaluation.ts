import type * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';
import { pickSubset } from './pickSubset.js';

/** Evaluates a subset in the panel that shows it, opening one where there is none. */
export async function runEvaluation(sessions: Sessions, uri: vscode.Uri | undefined): Promise<void> {
  const subset = await pickSubset(uri, sessions);
  if (!subset) return;
  const session = await sessions.showSubset(subset);
  await session?.evaluate();
}
