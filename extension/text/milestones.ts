import * as vscode from 'vscode';

type Milestone = 'hasDataset' | 'hasSelected' | 'hasPreviewed' | 'hasExported';

/** Ticks a step of the walkthrough off. */
export function reached(milestone: Milestone): void {
  void vscode.commands.executeCommand('setContext', `clipcov.${milestone}`, true);
}
