import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { SubsetView } from '../../server/protocol/pairs.js';
import type { PanelCommand, PanelState } from '../../server/protocol/panel.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';
import type { Services } from '../services.js';
import { reached } from '../text/milestones.js';
import { PanelChannel } from './channel.js';
import { notifyError, toPanelError } from './errors.js';
import { SessionRuns } from './sessionRuns.js';
import { SetupForm } from './setupForm.js';
import { SubsetPairs } from './subsetPairs.js';
import { SubsetPlots } from './subsetPlots.js';

/** What one panel or editor shows, and who answers its buttons. The webview only draws it. */
export class Session implements vscode.Disposable {
  private readonly channel: PanelChannel;
  private readonly form: SetupForm | null;
  private readonly pairs: SubsetPairs;
  private readonly plots: SubsetPlots;
  private readonly runs: SessionRuns;
  private state: PanelState;

  private constructor(
    private readonly services: Services,
    readonly panel: vscode.WebviewPanel,
    /** Dataset folder, table or store; for an editor known once the subset is open. */
    private source: string | null,
    place: PanelState['place'],
  ) {
    // The source of a panel is the one that the user named himself.
    const setup = place === 'panel' && source !== null ? SetupForm.stateOf(services, source) : null;
    this.state = { place, setup, run: null, subset: null, pairs: null, result: null, error: null };
    this.form = setup && new SetupForm(services, setup, (changed) => this.set({ setup: changed }));
    this.channel = new PanelChannel(
      panel,
      () => this.state,
      (message) => void this.receive(message),
      () => this.state.subset && this.pairs.firstPage,
    );
    const post = (message: ToPanel): void => this.channel.post(message);
    this.pairs = new SubsetPairs(
      services,
      () => ({
        ...{ server: services.server, subset: this.subsetPath, source: this.source },
        chosen: () => this.chosen(),
      }),
      post,
      () => this.set({ pairs: this.pairs.state }),
    );
    this.plots = new SubsetPlots(
      services.server,
      () => ({ subset: this.state.subset, path: this.subsetPath, source: this.source }),
      post,
      (map) => this.set({ map }),
    );
    this.runs = this.makeRuns();
  }

  /** What it works on, once that is known. */
  get dataset(): string | null {
    return this.source;
  }

  /** A panel that starts with the form. */
  static forSource(services: Services, panel: vscode.WebviewPanel, source: string): Session {
    const session = new Session(services, panel, source, 'panel');
    void session.form?.inspect();
    return session;
  }

  /** The editor of a saved subset. */
  static forSubset(services: Services, panel: vscode.WebviewPanel, subset: string): Session {
    const session = new Session(services, panel, null, 'editor');
    session.watch(subset);
    void session.openSubset(subset);
    return session;
  }

  /** Path of the subset that is shown, or will be. */
  subsetPath: string | null = null;

  reveal(): void {
    this.panel.reveal();
  }

  /** The next selection leaves out the pairs of these findings of the dataset report. */
  leaveOut(findings: string[]): void {
    this.form?.leaveOut(findings);
  }

  evaluate(): Promise<void> {
    return this.runs.evaluate();
  }

  /** Runs one of the kept runs once more. */
  repeat(id: number): Promise<void> {
    return this.runs.repeat(id);
  }

  dispose(): void {
    this.form?.dispose();
    this.channel.dispose();
    this.pairs.dispose();
    this.plots.dispose();
    this.watcher?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private opening: Promise<void> = Promise.resolve();
  private watcher: vscode.Disposable | null = null;
  private readonly subscriptions = [
    vscode.workspace.onDidGrantWorkspaceTrust(() => void this.command('retry')),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // The form says which model embeds, and where to.
      const isShown = ['clipcov.model', 'clipcov.storeFolder', 'clipcov.memory'].some((name) =>
        event.affectsConfiguration(name),
      );
      if (isShown && !this.services.runs.busy) void this.form?.inspect();
    }),
  ];

  /** What runs may see of the session, and change. */
  private makeRuns(): SessionRuns {
    return new SessionRuns(this.services, {
      now: () => ({
        ...{ source: this.source, subset: this.subsetPath },
        ...{ marks: this.pairs.state?.marks ?? null, model: this.form?.model ?? null },
        columns: this.form?.columns ?? null,
      }),
      reveal: () => this.reveal(),
      visible: () => this.panel.visible,
      show: (run) => this.set({ run }),
      opened: () => this.opening,
      openSubset: (subset, report) => this.openSubset(subset, report),
      leaveSubset: () => {
        this.subsetPath = null;
        this.pairs.close();
        this.set({ subset: null, pairs: null, error: null });
      },
      selected: (embedded) => {
        this.form?.remind();
        if (embedded) void this.form?.inspect(true);
      },
      evaluated: (evaluation) => {
        if (this.state.subset) this.set({ subset: { ...this.state.subset, evaluation } });
      },
      clearMarks: () => this.pairs.clearMarks(),
    });
  }

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
      case 'start':
        return this.runs.select(message.options);
      case 'cancel':
        return this.services.runs.cancel();
      case 'pause':
        return this.services.runs.pause();
      case 'copyCommand':
        return this.runs.copyCommand(message.options);
      case 'repeat':
        return this.repeat(message.id);
      case 'cut':
        return this.runs.cut(message.picks);
      case 'rows':
      case 'pairs':
      case 'pairAt':
      case 'classes':
      case 'thumbnails':
      case 'explain':
      case 'reveal':
      case 'mark':
        return this.pairs.receive(message);
      case 'map':
      case 'mapColumns':
      case 'cancelMap':
      case 'distributions':
        return this.plots.receive(message);
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
      case 'resume':
        return this.runs.resume();
      case 'readPairs':
        return this.pairs.read();
      case 'stopReading':
        return this.pairs.stopReading();
      case 'reselect':
        return this.runs.reselect();
      case 'clearMarks':
        return this.pairs.clearMarks();
      case 'discard':
        if (this.source) await this.services.kept.forget(this.source);
        return this.form?.remind();
      case 'stopLooking':
        return this.form?.stop();
      case 'chooseColumns':
        return this.form?.chooseColumns();
      case 'retry':
        if (this.form) return this.form.inspect();
        return this.subsetPath ? this.openSubset(this.subsetPath) : undefined;
    }
  }

  /** The dataset's folder, for pictures of subsets that lie elsewhere; a subset's own word for it approves nothing. */
  private async chosen(): Promise<string[]> {
    const { source } = this;
    if (this.state.place === 'editor' || source === null) return [];
    const isFolder = await stat(source).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return [isFolder ? source : path.dirname(source)];
  }

  private openSubset(subset: string, report: Partial<SubsetView> = {}): Promise<void> {
    this.subsetPath = subset;
    this.opening = this.readSubset(subset, report);
    return this.opening;
  }

  private async readSubset(subset: string, report: Partial<SubsetView>): Promise<void> {
    this.set({ error: null });
    this.pairs.lookAhead(subset);
    try {
      const view = await this.services.server.request('openSubset', { subset });
      // A newer run has taken the panel meanwhile.
      if (this.subsetPath !== subset) return;
      this.source ??= view.source;
      reached('hasPreviewed');
      this.set({ subset: { ...view, ...report, evaluation: report.evaluation ?? view.evaluation } });
      void this.pairs.open(subset);
      // The first pairs need not wait for it; picks that are not the subset's are not left standing.
      await this.pairs.firstLook;
      await this.services.server.request('checkSubset', { subset });
    } catch (error) {
      this.services.log.error(error);
      if (this.subsetPath !== subset) return;
      const shown = toPanelError(error);
      this.set({ error: shown, subset: null });
      if (this.state.place === 'panel') void notifyError(shown, () => this.services.log.show());
    }
  }
}
