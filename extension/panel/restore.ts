import * as vscode from 'vscode';
import { PANEL_TYPE, type Sessions } from './sessions.js';

/** Brings the panels back after the window was reloaded; the webview keeps their source in its state. */
export function restorePanels(sessions: Sessions): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
    async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
      const source = (state as { source?: unknown } | null)?.source;
      if (typeof source === 'string' && source) sessions.adoptSource(panel, source);
      else panel.dispose();
    },
  });
}
