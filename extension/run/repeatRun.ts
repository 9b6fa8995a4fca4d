import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';
import { runLabel, type KeptRuns } from './keptRuns.js';

/** Asks which of the runs of this workspace to run again, and starts it in the panel of its dataset. */
export async function repeatRun(kept: KeptRuns, sessions: Sessions): Promise<void> {
  const runs = kept.runs();
  if (runs.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Nothing was selected in this workspace yet. Begin with “ClipCov: Select Subset…”.'),
    );
    return;
  }
  const items = runs.map(({ id, params }) => ({
    id,
    source: params.source,
    label: runLabel(params),
    description: path.basename(params.source),
    detail: params.source,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Run to repeat'),
    matchOnDescription: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  if (picked) await sessions.openSource(picked.source).repeat(picked.id);
}
