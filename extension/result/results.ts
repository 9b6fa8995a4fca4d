import * as vscode from 'vscode';
import { webviewHtml, webviewOptions } from '../panel/html.js';
import type { Services } from '../services.js';
import { ResultSession } from './resultSession.js';

const RESULT_TYPE = 'clipcov.result';

/** Opens panels of results, and ends them with the window. */
export class Results implements vscode.Disposable {
  private readonly open = new Set<ResultSession>();

  constructor(
    private readonly services: Services,
    private readonly extensionUri: vscode.Uri,
  ) {}

  panel(title: string): ResultSession {
    const panel = vscode.window.createWebviewPanel(RESULT_TYPE, title, vscode.ViewColumn.Active);
    panel.webview.options = webviewOptions(this.extensionUri);
    const session = new ResultSession(this.services, panel);
    // The session listens before the page can say that it is ready.
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri);
    this.open.add(session);
    panel.onDidDispose(() => {
      session.dispose();
      this.open.delete(session);
    });
    return session;
  }

  dispose(): void {
    for (const { panel } of this.open) panel.dispose();
  }
}
