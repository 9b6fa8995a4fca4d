import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type {
  FromPanel,
  PanelCommand,
  PanelState,
  RunOptions,
  RunState,
  SubsetView,
} from '../../server/protocol/contract.js';
import type { Services } from '../services.js';
import { readSettings, sourceParams } from '../settings/settings.js';
import { PanelChannel } from './channel.js';
import { notifyError, toPanelError } from './errors.js';
import { answerRows, answerThumbnails } from './pages.js';
import { selectParams } from './selectParams.js';

/** What one panel or editor shows, and what its buttons do. The webview only draws it. */
export class Session implements vscode.Disposable {
  private readonly channel: PanelChannel;
  private state: PanelState;

  private constructor(
    private readonly services: Services,
    readonly panel: vscode.WebviewPanel,
    /** Dataset folder, table or store; for an editor known once the subset is open. */
    private source: string | null,
    /** Whether the user named that source himself. */
    private readonly isChosen: boolean,
    state: Pick<PanelState, 'place' | 'setup'>,
  ) {
    this.state = { ...state, run: null, subset: null, error: null };
    this.channel = new PanelChannel(
      panel,
      () => this.state,
      (message) => void this.receive(message),
    );
  }

  /** A panel that starts with the form. */
  static forSource(services: Services, panel: vscode.WebviewPanel, source: string): Session {
    const { budget, device } = readSettings();
    const setup = { source, inspection: null, error: null, defaults: { budget, device } };
    const session = new Session(services, panel, source, true, { place: 'panel', setup });
    void session.inspect();
    return session;
  }

  /** The editor of a saved subset. */
  static forSubset(services: Services, panel: vscode.WebviewPanel, subset: string): Session {
    const session = new Session(services, panel, null, false, { place: 'editor', setup: null });
    session.watch(subset);
    void session.openSubset(subset);
    return session;
  }

  /** Path of the subset that is shown, or will be. */
  subsetPath: string | null = null;

  reveal(): void {
    this.panel.reveal();
  }

  async evaluate(): Promise<void> {
    const subset = this.subsetPath;
    if (!subset) return;
    await this.opening;
    const source = this.source ?? path.dirname(subset);
    const { device } = readSettings();
    const title = vscode.l10n.t('Evaluating {0}', path.basename(subset));
    const params = { ...sourceParams(source), device, subset };
    const evaluation = await this.services.runs.start('evaluate', title, params, this.viewer);
    if (evaluation && this.state.subset) this.set({ subset: { ...this.state.subset, evaluation } });
  }

  dispose(): void {
    this.channel.dispose();
    this.watcher?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private readonly viewer = {
    changed: (run: RunState): void => {
      this.set({ run });
      // The picks are shown from the moment they are saved: the evaluation may take longer than the selection.
      const saved = run.progress?.subset;
      if (saved && saved !== this.subsetPath) void this.openSubset(saved);
    },
    reveal: (): void => this.reveal(),
  };
  private opening: Promise<void> = Promise.resolve();
  private watcher: vscode.Disposable | null = null;
  private readonly subscriptions = [
    vscode.workspace.onDidGrantWorkspaceTrust(() => void this.command('retry')),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // The form says which model embeds, and where to.
      const isShown = ['clipcov.model', 'clipcov.storeFolder'].some((name) =>
        event.affectsConfiguration(name),
      );
      if (isShown && !this.services.runs.busy) void this.inspect();
    }),
  ];

  /** Another selection, or an evaluation, may save the file anew while it is shown. */
  private watch(subset: string): void {
    const folder = vscode.Uri.file(path.dirname(subset));
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(folder, path.basename(subset)),
    );
    watcher.onDidChange(() => void this.openSubset(subset));
    watcher.onDidCreate(() => void this.openSubset(subset));
    this.watcher = watcher;
  }

  private set(change: Partial<PanelState>): void {
    this.state = { ...this.state, ...change };
    this.channel.changed();
  }

  private async receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        return;
      case 'start':
        return this.select(message.options);
      case 'cancel':
        return this.services.runs.cancel();
      case 'rows':
        return this.channel.post(await answerRows(this.services.server, this.subsetPath, message));
      case 'thumbnails':
        return this.channel.post(
          await answerThumbnails(this.services.server, this.subsetPath, message, await this.chosen()),
        );
      case 'command':
        return this.command(message.command);
    }
  }

  private async command(command: PanelCommand): Promise<void> {
    switch (command) {
      case 'evaluate':
        return this.evaluate();
      case 'export':
        await vscode.commands.executeCommand('clipcov.exportSubset');
        return;
      case 'openSubset':
        if (this.subsetPath)
          await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(this.subsetPath), {
            preview: false,
          });
        return;
      case 'chooseModel':
        await vscode.commands.executeCommand('clipcov.chooseModel');
        return;
      case 'showLog':
        return this.services.log.show();
      case 'retry':
        return this.state.setup
          ? this.inspect()
          : this.subsetPath
            ? this.openSubset(this.subsetPath)
            : undefined;
    }
  }

  /** The dataset's folder, for pictures of subsets that lie elsewhere; a subset's own word for it approves nothing. */
  private async chosen(): Promise<string[]> {
    const { source } = this;
    if (!this.isChosen || source === null) return [];
    const isFolder = await stat(source).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return [isFolder ? source : path.dirname(source)];
  }

  private async inspect(): Promise<void> {
    const { setup } = this.state;
    if (!setup) return;
    this.set({ setup: { ...setup, inspection: null, error: null } });
    try {
      const inspection = await this.services.server.request('inspect', sourceParams(setup.source));
      this.set({ setup: { ...setup, inspection, error: null } });
    } catch (error) {
      this.services.log.error(error);
      this.set({ setup: { ...setup, inspection: null, error: toPanelError(error) } });
    }
  }

  private async select(options: RunOptions): Promise<void> {
    if (!this.source) return;
    const title = vscode.l10n.t('Selecting from {0}', path.basename(this.source));
    const asked = await selectParams(options);
    if (!asked) return;
    const params = { ...sourceParams(this.source), ...asked };
    // A run that is refused, since another one is going on, leaves the panel as it is.
    if (!this.services.runs.busy) {
      this.subsetPath = null;
      this.set({ subset: null, error: null });
    }
    const report = await this.services.runs.start('select', title, params, this.viewer);
    if (!report) return;
    await this.opening;
    await this.openSubset(report.subset, { warnings: report.warnings, evaluation: report.evaluation });
  }

  /** What a report knows beyond the saved document is laid over it. */
  private openSubset(subset: string, report: Partial<SubsetView> = {}): Promise<void> {
    this.subsetPath = subset;
    this.opening = this.readSubset(subset, report);
    return this.opening;
  }

  private async readSubset(subset: string, report: Partial<SubsetView>): Promise<void> {
    this.set({ error: null });
    try {
      const view = await this.services.server.request('openSubset', { subset });
      // A newer run has taken the panel meanwhile.
      if (this.subsetPath !== subset) return;
      this.source ??= view.source;
      this.set({ subset: { ...view, ...report, evaluation: report.evaluation ?? view.evaluation } });
    } catch (error) {
      this.services.log.error(error);
      const shown = toPanelError(error);
      this.set({ error: shown });
      if (this.state.place === 'panel') void notifyError(shown, () => this.services.log.show());
    }
  }
}
