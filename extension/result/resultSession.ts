import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RequestParams } from '../../server/protocol/contract.js';
import type { PanelState, ResultView, RunState } from '../../server/protocol/panel.js';
import type { FromPanel } from '../../server/protocol/panelMessages.js';
import { PanelChannel } from '../panel/channel.js';
import { toPanelError } from '../panel/errors.js';
import type { Services } from '../services.js';

/** What a panel of a result does besides showing it. */
export interface ResultActions {
  /** Writes the report as the files say, by their extensions. */
  save?(files: string[]): Promise<unknown>;
  listFinding?(finding: string): Promise<void>;
  selectWithout?(findings: string[]): void;
  openImage?(id: number): Promise<void>;
}

type Job = 'evaluateModel' | 'sweep' | 'report';

/** A panel that shows a run and what has come of it: models, methods or a dataset. The webview only draws it. */
export class ResultSession implements vscode.Disposable {
  private readonly channel: PanelChannel;
  private state: PanelState = {
    place: 'result',
    pairs: null,
    setup: null,
    run: null,
    subset: null,
    result: null,
    error: null,
  };
  actions: ResultActions = {};

  constructor(
    private readonly services: Services,
    readonly panel: vscode.WebviewPanel,
  ) {
    this.channel = new PanelChannel(
      panel,
      () => this.state,
      (message) => void this.receive(message),
    );
  }

  show(result: ResultView): void {
    this.set({ result, error: null });
  }

  /** Shows a job while it runs; null where it was cancelled, failed, or another one is running. */
  run<J extends Job>(
    job: J,
    title: string,
    params: RequestParams<J>,
  ): ReturnType<typeof this.services.runs.start<J>> {
    return this.services.runs.start(job, title, params, {
      changed: (run: RunState) => this.set({ run }),
      reveal: () => this.panel.reveal(),
      visible: () => this.panel.visible,
    });
  }

  fail(error: unknown): void {
    this.services.log.error(error);
    this.set({ error: toPanelError(error) });
  }

  dispose(): void {
    this.channel.dispose();
  }

  private set(change: Partial<PanelState>): void {
    this.state = { ...this.state, ...change };
    this.channel.changed();
  }

  private async receive(message: FromPanel): Promise<void> {
    const { services, actions } = this;
    try {
      switch (message.type) {
        case 'cancel':
          return services.runs.cancel();
        case 'listFinding':
          return await actions.listFinding?.(message.finding);
        case 'selectWithout':
          return actions.selectWithout?.(message.findings);
        case 'openImage':
          return await actions.openImage?.(message.id);
        case 'command':
          if (message.command === 'showLog') return services.log.show();
          if (message.command === 'saveReport') return await this.save();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private async save(): Promise<void> {
    const { save } = this.actions;
    if (!save) return;
    const { t } = vscode.l10n;
    const file = await vscode.window.showSaveDialog({
      title: t('Save Report'),
      filters: { HTML: ['html'], Markdown: ['md'], CSV: ['csv'], JSON: ['json'] },
    });
    if (!file || !(await save([file.fsPath]))) return;
    const open = t('Open');
    const text = t('The report was saved as {0}.', path.basename(file.fsPath));
    if ((await vscode.window.showInformationMessage(text, open)) === open)
      await vscode.env.openExternal(file);
  }
}
