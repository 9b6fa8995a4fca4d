import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ExportFormat, ExportReport } from '../../server/protocol/contract.js';
import type { Sessions } from '../panel/sessions.js';
import { notifyError, toPanelError } from '../panel/errors.js';
import type { Services } from '../services.js';
import { notice } from '../text/notice.js';
import { pickSubset } from './pickSubset.js';

interface Target extends vscode.QuickPickItem {
  format: ExportFormat;
  /** What follows the subset's name. */
  suffix: string;
}

function targets(): Target[] {
  const { t } = vscode.l10n;
  return [
    {
      format: 'openclip-csv',
      suffix: 'openclip.csv',
      label: 'OpenCLIP CSV',
      description: t('tab-separated, columns filepath and title, absolute paths'),
    },
    {
      format: 'cyclip-csv',
      suffix: 'cyclip.csv',
      label: 'CyCLIP CSV',
      description: t('comma-separated, columns file and caption, relative paths'),
    },
    {
      format: 'jsonl',
      suffix: 'jsonl',
      label: 'JSONL',
      description: t('one pair a line, with rank, gain, class and CLIP score'),
    },
    { format: 'text', suffix: 'txt', label: t('Text list'), description: t('one image path a line') },
  ];
}

/** Asks for a format and a file, and writes the subset there. */
export async function exportSubset(
  services: Services,
  sessions: Sessions,
  uri: vscode.Uri | undefined,
): Promise<void> {
  const subset = await pickSubset(uri, sessions);
  if (!subset) return;
  const target = await vscode.window.showQuickPick(targets(), {
    placeHolder: vscode.l10n.t('Format to export {0} to', path.basename(subset)),
    matchOnDescription: true,
  });
  if (!target) return;
  const { format, suffix, label } = target;
  const stem = path.basename(subset).replace(/\.clipcov\.json$/, '');
  const out = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(path.join(path.dirname(subset), `${stem}.${suffix}`)),
    filters: { [label]: [path.extname(`.${suffix}`).slice(1)] },
    title: vscode.l10n.t('Export Subset'),
  });
  if (!out) return;
  try {
    const report = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: notice(vscode.l10n.t('Exporting {0}', stem)) },
      () => services.server.request('export', { subset, format, out: out.fsPath }),
    );
    await tellExported(report);
  } catch (error) {
    services.log.error(error);
    void notifyError(toPanelError(error), () => services.log.show());
  }
}

async function tellExported({ out, rows, command, warnings }: ExportReport): Promise<void> {
  const { t } = vscode.l10n;
  for (const warning of warnings) void vscode.window.showWarningMessage(notice(`ClipCov: ${warning}`));
  const open = t('Open File');
  const copy = t('Copy Training Command');
  const text = t('Exported {0} pairs to {1}.', rows.toLocaleString('en-US'), path.basename(out));
  const choice = await vscode.window.showInformationMessage(notice(text), open, ...(command ? [copy] : []));
  if (choice === open) await vscode.window.showTextDocument(vscode.Uri.file(out));
  if (choice === copy && command) await vscode.env.clipboard.writeText(command);
}
