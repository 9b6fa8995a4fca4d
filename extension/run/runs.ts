import * as vscode from 'vscode';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { RequestParams, RequestResults } from '../../server/protocol/contract.js';
import type { RunState } from '../../server/protocol/panel.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import type { Server } from '../server/server.js';
import type { ServerLog } from '../server/log.js';
import { notifyError, toPanelError } from '../panel/errors.js';
import { overallPercent } from './figures.js';
import { mergePreviews } from './previews.js';
import { progressText } from './progressText.js';
import { notice } from '../text/notice.js';
import { SHOW_RUN, StatusItem } from './statusItem.js';

type Job = RunState['job'];

/** Who shows a run: the panel it was started from. */
export interface RunViewer {
  changed(run: RunState): void;
  reveal(): void;
  /** Whether a user sees it now. */
  visible(): boolean;
}

interface Running {
  state: RunState;
  viewer: RunViewer;
  cancellation: CancellationTokenSource;
  /** How it ends once it has been told to stop. */
  stopped: 'cancelled' | 'paused';
}

/** The one job of this window, shown in its panel and in the status bar; in a notification where the panel is out of sight when it begins. */
export class Runs implements vscode.Disposable {
  private readonly status = new StatusItem();
  private readonly showRun = vscode.commands.registerCommand(SHOW_RUN, () => this.current?.viewer.reveal());
  private current: Running | null = null;
  private closing = false;
  private readonly ended = new vscode.EventEmitter<void>();
  /** After each job, however it ended. */
  readonly onEnded = this.ended.event;

  constructor(
    private readonly server: Server,
    private readonly log: ServerLog,
  ) {}

  get busy(): boolean {
    return this.current !== null;
  }

  /** Runs a job; null where it was cancelled, failed, or another one is running. */
  async start<J extends Job>(
    job: J,
    title: string,
    params: RequestParams<J>,
    viewer: RunViewer,
  ): Promise<RequestResults[J] | null> {
    if (this.current) {
      void this.explainBusy(this.current);
      return null;
    }
    const running: Running = {
      state: { job, title, status: 'running', progress: null, previews: [], error: null },
      viewer,
      cancellation: new CancellationTokenSource(),
      stopped: 'cancelled',
    };
    this.current = running;
    this.show(running);
    void vscode.commands.executeCommand('setContext', 'clipcov.running', true);
    void vscode.commands.executeCommand('setContext', 'clipcov.pausable', job === 'select');
    try {
      return await this.shown(running, (report) =>
        this.server.request(job, params, {
          token: running.cancellation.token,
          onProgress: (progress) => {
            this.progressed(running, progress);
            report(progress);
          },
        }),
      );
    } finally {
      this.current = null;
      running.cancellation.dispose();
      this.status.hide();
      void vscode.commands.executeCommand('setContext', 'clipcov.running', false);
      void vscode.commands.executeCommand('setContext', 'clipcov.pausable', false);
      this.ended.fire();
    }
  }

  cancel(): void {
    this.stop('cancelled');
  }

  /** Ends a selection as cancelling does; its viewer keeps what it needs to go on with it. */
  pause(): void {
    if (this.current?.state.job === 'select') this.stop('paused');
  }

  private stop(how: Running['stopped']): void {
    const running = this.current;
    if (running?.state.status !== 'running') return;
    running.stopped = how;
    running.state = { ...running.state, status: how === 'paused' ? 'pausing' : 'cancelling' };
    this.show(running);
    running.cancellation.cancel();
  }

  /** What the end of the window ends is no news for a viewer: it is still to be gone on with. */
  dispose(): void {
    this.closing = true;
    this.current?.cancellation.cancel();
    this.showRun.dispose();
    this.status.dispose();
    this.ended.dispose();
  }

  /** Over the panel, a notification would hide a part of what it repeats. */
  private async shown<R>(
    running: Running,
    work: (report: (progress: JobProgress) => void) => Promise<R>,
  ): Promise<R | null> {
    if (running.viewer.visible()) {
      const result = await this.settled(running, () => work(() => undefined));
      if (result !== null && !running.viewer.visible()) void this.tellDone(running);
      return result;
    }
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: notice(running.state.title),
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (notification, token) => {
      token.onCancellationRequested(() => this.cancel());
      let shown = 0;
      const report = (progress: JobProgress): void => {
        const percent = overallPercent(progress);
        notification.report({ message: progressText(progress), increment: Math.max(0, percent - shown) });
        shown = Math.max(shown, percent);
      };
      return this.settled(running, () => work(report));
    });
  }

  private async settled<R>(running: Running, work: () => Promise<R>): Promise<R | null> {
    try {
      const result = await work();
      this.end(running, { status: 'done' });
      return result;
    } catch (error) {
      this.failed(running, error);
      return null;
    }
  }

  private failed(running: Running, error: unknown): void {
    if (this.closing) return;
    if (running.cancellation.token.isCancellationRequested)
      return this.end(running, { status: running.stopped });
    const shown = toPanelError(error);
    this.log.error(error);
    this.end(running, { status: 'failed', error: shown });
    void notifyError(shown, () => this.log.show());
  }

  private progressed(running: Running, progress: JobProgress): void {
    const { state } = running;
    const { previews = [], ...figures } = progress;
    // Once the subset is saved it stays named, whatever later reports leave out.
    const subset = figures.subset ?? state.progress?.subset;
    running.state = {
      ...state,
      progress: subset ? { ...figures, subset } : figures,
      previews: mergePreviews(state.previews, previews),
    };
    this.show(running);
  }

  private end(running: Running, ended: Partial<RunState>): void {
    running.state = { ...running.state, ...ended };
    if (this.closing) return;
    running.viewer.changed(running.state);
  }

  private show(running: Running): void {
    this.status.show(running.state);
    running.viewer.changed(running.state);
  }

  /** Whoever has turned to something else meanwhile. */
  private async tellDone({ state, viewer }: Running): Promise<void> {
    if (this.closing) return;
    const show = vscode.l10n.t('Show It');
    const text = vscode.l10n.t('ClipCov is done: {0}.', state.title);
    if ((await vscode.window.showInformationMessage(notice(text), show)) === show) viewer.reveal();
  }

  private async explainBusy({ state, viewer }: Running): Promise<void> {
    const show = vscode.l10n.t('Show It');
    const text = vscode.l10n.t('ClipCov is still busy: {0}. Wait for it, or cancel it.', state.title);
    if ((await vscode.window.showWarningMessage(notice(text), show)) === show) viewer.reveal();
  }
}
