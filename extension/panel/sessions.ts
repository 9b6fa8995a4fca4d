import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.js';
import { webviewHtml, webviewOptions } from './html.js';
import { Session } from './session.js';

export const PANEL_TYPE = 'clipcov.panel';
export const EDITOR_TYPE = 'clipcov.subset';

/** Every panel and editor that is open, and the one in front. */
export class Sessions implements vscode.Disposable {
  private readonly panels = new Map<string, Session>();
  private readonly all = new Set<Session>();
  private last: Session | null = null;

  constructor(
    private readonly services: Services,
    private readonly extensionUri: vscode.Uri,
  ) {}

  /** The session that a command without an argument means. */
  get active(): Session | null {
    for (const session of this.all) if (session.panel.active) return session;
    // A click into the command palette takes the focus away from the panel, not the meaning.
    return this.last?.panel.visible ? this.last : null;
  }

  /** Datasets that were worked on here, the one in front first. */
  sources(): string[] {
    const open = [this.active, ...this.all].flatMap((session) => session?.dataset ?? []);
    return [...new Set([...open, ...this.services.kept.runs().map(({ params }) => params.source)])];
  }

  /** The panel of a dataset: the one that is open, or a new one. Pairs of the findings are to be left out, where some are given. */
  openSource(source: string, without?: string[]): Session {
    const open = this.panels.get(source) ?? this.newPanel(source);
    open.reveal();
    if (without) open.leaveOut(without);
    return open;
  }

  private newPanel(source: string): Session {
    const title = `ClipCov: ${path.basename(source)}`;
    const panel = vscode.window.createWebviewPanel(PANEL_TYPE, title, vscode.ViewColumn.Active);
    return this.adoptSource(panel, source);
  }

  adoptSource(panel: vscode.WebviewPanel, source: string): Session {
    const session = this.adopt(panel, () => Session.forSource(this.services, panel, source));
    this.panels.set(source, session);
    panel.onDidDispose(() => this.panels.delete(source));
    return session;
  }

  adoptSubset(panel: vscode.WebviewPanel, subset: string): void {
    this.adopt(panel, () => Session.forSubset(this.services, panel, subset));
  }

  /** The session that shows a subset; its editor is opened where there is none. */
  async showSubset(subset: string): Promise<Session | null> {
    const shown = (): Session | undefined => [...this.all].find(({ subsetPath }) => subsetPath === subset);
    // The one in front, where a panel and an editor show the same subset.
    const open = this.active?.subsetPath === subset ? this.active : shown();
    if (open) {
      open.reveal();
      return open;
    }
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(subset), EDITOR_TYPE);
    return shown() ?? null;
  }

  dispose(): void {
    for (const session of this.all) session.panel.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, create: () => Session): Session {
    panel.webview.options = webviewOptions(this.extensionUri);
    const session = create();
    // The session listens before the page can say that it is ready.
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri);
    this.all.add(session);
    this.last = session;
    panel.onDidChangeViewState(() => {
      if (panel.active) this.last = session;
    });
    panel.onDidDispose(() => {
      session.dispose();
      this.all.delete(session);
      if (this.last === session) this.last = null;
    });
    return session;
  }
}
