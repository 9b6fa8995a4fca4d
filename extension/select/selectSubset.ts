import * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';
import { pickSource } from './pickSource.js';

/** Opens the panel of a dataset; nothing is computed before the form is sent. */
export async function selectSubset(sessions: Sessions, uri: vscode.Uri | undefined): Promise<void> {
  const source = await localSource(uri, undefined, sessions.sources());
  if (source) sessions.openSource(source);
}

/** The path of a dataset: of the address a command was called with, or of what the user picks. */
export async function localSource(
  uri: vscode.Uri | undefined,
  asking = vscode.l10n.t('Dataset to select from'),
  known: readonly string[] = [],
): Promise<string | undefined> {
  const source = uri instanceof vscode.Uri ? uri : await pickSource(asking, known);
  if (!source) return undefined;
  if (source.scheme === 'file') return source.fsPath;
  void vscode.window.showErrorMessage(
    vscode.l10n.t(
      'ClipCov works on files of the machine it runs on, not on “{0}:” addresses.',
      source.scheme,
    ),
  );
  return undefined;
}
