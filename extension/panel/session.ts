import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RequestParams } from '../../server/protocol/contract.js';
import type { SubsetView } from '../../server/protocol/pairs.js';
import type { PanelCommand, PanelState, RunState, SetupState } from '../../server/protocol/panel.js';
import type { FromPanel, RunOptions, ToPanel } from '../../server/protocol/panelMessages.js';
import { commandLine, selectArguments } from '../run/commandLine.js';
import { reached } from '../text/milestones.js';
import { Projecting } from '../map/projecting.js';
import { RunKeeper } from '../run/runKeeper.js';
import type { Services } from '../services.js';
import { hubEnvironment, readSettings, sourceParams, storeParams } from '../settings/settings.js';
import { PanelChannel } from './channel.js';
import { notifyError, toPanelError } from './errors.js';
import { askTarget } from './reselect.js';
import { answer } from './pages.js';
import { selectParams } from './selectParams.js';
import { SUBSET_END } from '../subsets/grouping.js';
import { askName } from './subsetName.js';
import { SubsetPairs } from './subsetPairs.js';

/** What one panel or editor shows, and what its buttons do. The webview only draws it. */
export class Session implements vscode.Disposable {
  private readonly channel: PanelChannel;
  private readonly pairs: SubsetPairs;
  private readonly projecting: Projecting;
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
    this.state = { ...state, run: null, subset: null, pairs: null, result: null, error: null };
    this.projecting = new Projecting(services.server, (map) => this.set({ map }));
    this.channel = new PanelChannel(
      panel,
      () => this.state,
      (message) => void this.receive(message),
      () => this.state.subset && this.pairs.firstPage,
    );
    this.pairs = new SubsetPairs(
      services,
      () => ({
        ...{ server: services.server, subset: this.subsetPath, source: this.source },
        chosen: () => this.chosen(),
      }),
      (message) => this.channel.post(message),
      () => this.set({ pairs: this.pairs.state }),
    );
  }

  /** A panel that starts with the form. */
  static forSource(services: Services, panel: vscode.WebviewPanel, source: string): Session {
    const { budget, device, memory } = readSettings();
    const setup: SetupState = {
      ...{
        source,
        inspection: null,
        error: null,
        memory,
        rates: {},
        defaults: { budget, device },
        without: [],
      },
      ...services.kept.shown(source),
    };
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

  /** The next selection leaves out the pairs of these findings of the dataset report. */
  leaveOut(findings: string[]): void {
    this.setUp({ without: findings });
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
    this.pairs.dispose();
    this.projecting.forget();
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
  /** Shows a run that saves another subset than the one that is shown. */
  private readonly bystander = { ...this.viewer, changed: (run: RunState): void => this.set({ run }) };
  private opening: Promise<void> = Promise.resolve();
  private watcher: vscode.Disposable | null = null;
  private readonly subscriptions = [
    vscode.workspace.onDidGrantWorkspaceTrust(() => void this.command('retry')),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // The form says which model embeds, and where to.
      const isShown = ['clipcov.model', 'clipcov.storeFolder', 'clipcov.memory'].some((name) =>
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
      case 'pause':
        return this.services.runs.pause();
      case 'copyCommand':
        return this.copyCommand(message.options);
      case 'repeat':
        return this.repeat(message.id);
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
        return this.channel.post(await answer(message.request, () => this.map(message)));
      case 'distributions': {
        const { request } = message;
        const asked = { subset: this.subsetPath ?? '', ...storeParams() };
        const plots = async (): Promise<ToPanel> => ({
          ...{ type: 'distributions', request },
          distributions: await this.services.server.request('distributions', asked),
        });
        return this.channel.post(await answer(request, plots));
      }
      case 'cut':
        return this.cut(message.picks);
      case 'cancelMap':
        return this.projecting.cancel();
      case 'mapColumns': {
        const { request, by, columns, offset } = message;
        const page = async (): Promise<ToPanel> => ({
          ...{ type: 'mapColumns', request, columns: await this.projecting.columns(by, columns, offset) },
        });
        return this.channel.post(await answer(request, page));
      }
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
        return this.resume();
      case 'readPairs':
        return this.pairs.read();
      case 'stopReading':
        return this.pairs.stopReading();
      case 'reselect':
        return this.reselect();
      case 'clearMarks':
        return this.pairs.clearMarks();
      case 'discard':
        if (this.source) await this.services.kept.forget(this.source);
        return this.remind();
      case 'retry':
        return this.state.setup
          ? this.inspect()
          : this.subsetPath
            ? this.openSubset(this.subsetPath)
            : undefined;
    }
  }

  private async map({ request, by }: Extract<FromPanel, { type: 'map' }>): Promise<ToPanel> {
    const { subset } = this.state;
    if (!subset) throw new Error(vscode.l10n.t('No subset is open.'));
    const { device } = readSettings();
    const params = { ...sourceParams(this.source ?? subset.source), device, subset: subset.path };
    const revision = `${subset.path} ${subset.picks} ${subset.objective.value}`;
    return { type: 'map', request, map: await this.projecting.view(by, revision, params) };
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

  /** `again`: after a run, which changed no more than what is embedded; the form stays as it is meanwhile. */
  private async inspect(again = false): Promise<void> {
    const { setup } = this.state;
    if (!setup) return;
    const { memory } = readSettings();
    if (!again) this.setUp({ inspection: null, error: null, memory });
    try {
      const inspection = await this.services.server.request('inspect', sourceParams(setup.source));
      reached('hasDataset');
      this.setUp({ inspection, error: null, rates: this.services.kept.rates(inspection.model) });
    } catch (error) {
      this.services.log.error(error);
      this.setUp({ inspection: null, error: toPanelError(error) });
    }
  }

  private setUp(change: Partial<SetupState>): void {
    if (this.state.setup) this.set({ setup: { ...this.state.setup, ...change } });
  }

  /** Tells the form anew which runs there were. */
  private remind(): void {
    if (this.source) this.setUp(this.services.kept.shown(this.source));
  }

  private async params(options: RunOptions): Promise<RequestParams<'select'> | undefined> {
    const asked = this.source && (await selectParams(options));
    return asked ? { ...sourceParams(this.source!), ...asked } : undefined;
  }

  private async copyCommand(options: RunOptions): Promise<void> {
    const params = await this.params(options);
    if (!params) return;
    await vscode.env.clipboard.writeText(
      commandLine(selectArguments(params), hubEnvironment(), process.platform),
    );
    vscode.window.setStatusBarMessage(vscode.l10n.t('The command line is in the clipboard.'), 5_000);
  }

  /** Runs one of the kept runs once more. */
  async repeat(id: number): Promise<void> {
    await this.again(this.services.kept.run(id));
  }

  /** Goes on with the run that was paused or interrupted. */
  async resume(): Promise<void> {
    if (this.source) await this.again(this.services.kept.unfinished(this.source));
  }

  /** Runs what was run before. Which folders are approved is said by the settings of now. */
  private async again(params: RequestParams<'select'> | null): Promise<void> {
    if (params) await this.run({ ...params, approvedRoots: readSettings().approvedRoots });
  }

  private async select(options: RunOptions): Promise<void> {
    const params = await this.params(options);
    if (params) await this.run(params);
  }

  private async run(params: RequestParams<'select'>): Promise<void> {
    const title = vscode.l10n.t('Selecting from {0}', path.basename(params.source));
    // A run that is refused, since another one is going on, leaves the panel as it is.
    const { runs, kept } = this.services;
    if (runs.busy) return void (await runs.start('select', title, params, this.viewer));
    this.subsetPath = null;
    this.pairs.close();
    this.set({ subset: null, pairs: null, error: null });
    const keeper = new RunKeeper(kept, params, this.state.setup?.inspection?.model ?? null);
    const viewer = {
      ...this.viewer,
      changed: (run: RunState): void => {
        keeper.changed(run);
        this.viewer.changed(run);
        if (['running', 'pausing', 'cancelling'].includes(run.status)) return;
        this.remind();
        if (run.status !== 'failed') void this.inspect(true);
      },
    };
    const report = await runs.start('select', title, params, viewer);
    if (!report) return;
    await this.opening;
    reached('hasSelected');
    await this.openSubset(report.subset, { warnings: report.warnings, evaluation: report.evaluation });
  }

  /** Selects again what this subset was selected with, and the marked pairs besides. */
  private async reselect(): Promise<void> {
    const subset = this.subsetPath;
    const marks = this.pairs.state?.marks;
    if (!subset || !marks) return;
    const target = await askTarget(subset);
    if (target === undefined) return;
    const { device } = readSettings();
    const params = {
      ...{ ...sourceParams(this.source ?? path.dirname(subset)), device, subset },
      ...{ include: marks.in, exclude: marks.out, ...(target !== null && { out: target }) },
    };
    const title = vscode.l10n.t('Selecting again from {0}', path.basename(subset));
    const report = await this.services.runs.start('reselect', title, params, this.bystander);
    if (!report) return;
    this.pairs.clearMarks();
    if (target !== null) await this.showNew(report.subset);
    else await this.openSubset(report.subset);
  }

  /** Saves the first picks as a subset of their own. */
  private async cut(picks: number): Promise<void> {
    const subset = this.subsetPath;
    if (!subset) return;
    const out = await askName(subset, `${path.basename(subset, SUBSET_END)}-${picks}`);
    if (out === undefined) return;
    const { device } = readSettings();
    const params = {
      ...{ ...sourceParams(this.source ?? path.dirname(subset)), device, subset },
      ...{ budget: String(picks), out },
    };
    const title = vscode.l10n.t('Cutting {0}', path.basename(subset));
    const report = await this.services.runs.start('cut', title, params, this.bystander);
    if (report) await this.showNew(report.subset);
  }

  /** Another subset is no affair of this editor, but of one of its own. */
  private async showNew(subset: string): Promise<void> {
    if (this.state.place === 'editor')
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(subset), { preview: false });
    else await this.openSubset(subset);
  }

  /** What a report knows beyond the saved document is laid over it. */
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
