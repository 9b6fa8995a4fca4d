import * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';
import { pickSource } from './pickSource.js';

/** Opens the panel of a dataset; nothing is computed before the form is sent. */
export async function selectSubset(sessions: Sessions, uri: vscode.Uri | undefined): Promise<void> {
  const source = uri instanceof vscode.Uri ? uri : await pickSource();
  if (!source) return;
  if (source.scheme !== 'file') {
    void vscode.window.showErrorMessage(
      vscode.l10n.t(
        'ClipCov works on files of the machine it runs on, not on “{0}:” addresses.',
        source.scheme,
      ),
    );
    return;
  }
  sessions.openSource(source.fsPath);
}
