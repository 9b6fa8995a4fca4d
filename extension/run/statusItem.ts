import * as vscode from 'vscode';
import type { RunState } from '../../server/protocol/panel.js';
import { progressText } from './progressText.js';

export const SHOW_RUN = 'clipcov.showRun';

/** The running job in the status bar; a click brings its panel to the front. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('clipcov.run', vscode.StatusBarAlignment.Left);

  constructor() {
    this.item.name = 'ClipCov';
    this.item.command = SHOW_RUN;
  }

  show(run: RunState): void {
    const text =
      run.status === 'cancelling'
        ? vscode.l10n.t('Cancelling…')
        : run.status === 'pausing'
          ? vscode.l10n.t('Pausing…')
          : run.progress
            ? progressText(run.progress)
            : vscode.l10n.t('Starting…');
    this.item.text = `$(loading~spin) ClipCov: ${text}`;
    this.item.tooltip = vscode.l10n.t('{0}. Click to show it.', run.title);
    this.item.accessibilityInformation = { label: `ClipCov: ${text}`, role: 'button' };
    this.item.show();
  }

  hide(): void {
    this.item.hide();
  }

  dispose(): void {
    this.item.dispose();
  }
}
