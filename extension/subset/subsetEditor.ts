import * as vscode from 'vscode';
import { EDITOR_TYPE, type Sessions } from '../panel/sessions.js';

/** Shows a `*.clipcov.json` as a preview; “Reopen Editor With…” still offers the text. */
export function registerSubsetEditor(sessions: Sessions): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(
    EDITOR_TYPE,
    {
      openCustomDocument: (uri: vscode.Uri): vscode.CustomDocument => ({ uri, dispose: () => undefined }),
      resolveCustomEditor: ({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void =>
        sessions.adoptSubset(panel, uri.fsPath),
    },
    { supportsMultipleEditorsPerDocument: true },
  );
}
