import * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';

/** The subset a command means: the file it was called on, the one in front, or one that the user picks. */
export async function pickSubset(uri: vscode.Uri | undefined, sessions: Sessions): Promise<string | null> {
  if (uri instanceof vscode.Uri) return uri.fsPath;
  const shown = sessions.active?.subsetPath;
  if (shown) return shown;
  const files = await vscode.workspace.findFiles('**/*.clipcov.json', '**/node_modules/**', 500);
  if (files.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is no subset in this workspace yet. Make one with “ClipCov: Select Subset…”.'),
    );
    return null;
  }
  const items = files
    .map((file) => ({ label: vscode.workspace.asRelativePath(file), file }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Choose a subset'),
    ignoreFocusOut: true,
  });
  return picked?.file.fsPath ?? null;
}
