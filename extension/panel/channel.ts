import type * as vscode from 'vscode';
import type { PairPage } from '../../server/protocol/pairs.js';
import type { PanelState } from '../../server/protocol/panel.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';
import { Throttle } from './throttle.js';

/** Five snapshots a second look smooth; more would only be thrown away by the webview. */
const SNAPSHOT_MS = 200;

/** Keeps one webview up to date: it is sent snapshots while it is visible, and again when it becomes so. */
export class PanelChannel implements vscode.Disposable {
  private readonly throttle = new Throttle(() => this.send(), SNAPSHOT_MS);
  private readonly subscriptions: vscode.Disposable[];
  private ready = false;
  private disposed = false;
  /** The page that the webview has got already. */
  private sent: PairPage | null = null;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly state: () => PanelState,
    onMessage: (message: FromPanel) => void,
    /** The first page of the subset that the state shows. */
    private readonly first: () => PairPage | null = () => null,
  ) {
    this.subscriptions = [
      panel.webview.onDidReceiveMessage((message: FromPanel) => {
        if (message.type !== 'ready') return onMessage(message);
        this.ready = true;
        // One that says so again is a new page, and has nothing.
        this.sent = null;
        this.send();
      }),
      panel.onDidChangeViewState(() => this.changed()),
    ];
  }

  /** To be called whenever the state changed. */
  changed(): void {
    if (this.ready && this.panel.visible) this.throttle.request();
  }

  post(message: ToPanel): void {
    if (!this.disposed) void this.panel.webview.postMessage(message);
  }

  dispose(): void {
    this.disposed = true;
    this.throttle.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private send(): void {
    if (!this.panel.visible) return;
    const first = this.first();
    const isNew = first !== null && first !== this.sent;
    this.sent = first;
    this.post({ type: 'state', state: this.state(), ...(isNew && { first }) });
  }
}
