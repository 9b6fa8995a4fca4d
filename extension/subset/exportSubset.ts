import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ExportFormat, ExportReport } from '../../server/protocol/export.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import type { Sessions } from '../panel/sessions.js';
import { notifyError, toPanelError } from '../panel/errors.js';
import { count } from '../run/figures.js';
import type { Services } from '../services.js';
import { storeParams, subsetRoots } from '../settings/settings.js';
import { reached } from '../text/milestones.js';
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
      format: 'webdataset',
      suffix: 'wds',
      label: 'WebDataset',
      description: t('a folder of tar shards of 10,000, shuffled'),
    },
    {
      format: 'datacomp',
      suffix: 'npy',
      label: 'DataComp',
      description: t('uids for the resharder'),
    },
    {
      format: 'source',
      suffix: '',
      label: t('As the dataset'),
      description: t('the same format and columns, the picked rows alone'),
    },
    {
      format: 'imagefolder',
      suffix: 'imagefolder',
      label: 'Hugging Face imagefolder',
      description: t('a folder with metadata.jsonl and copies of the images'),
    },
    {
      format: 'clip-retrieval',
      suffix: 'embeddings',
      label: t('Embeddings'),
      description: t('a folder in the layout of clip-retrieval'),
    },
    {
      format: 'parquet',
      suffix: 'parquet',
      label: 'Parquet',
      description: t('one pair a row, with rank, gain, class and CLIP score'),
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

/** What is written as one file; the other formats are folders. */
const FILES = new Set(['csv', 'tsv', 'txt', 'jsonl', 'ndjson', 'parquet', 'npy']);

/** Asks for a format and a place, and writes the subset there. */
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
    // A panel that had the focus may ask for it back only now that the palette is closed.
    ignoreFocusOut: true,
  });
  if (!target) return;
  const { format, label } = target;
  const { server } = services;
  const stem = path.basename(subset).replace(/\.clipcov\.json$/, '');
  let stopped = false;
  try {
    const suffix = format === 'source' ? await ownSuffix(services, subset) : target.suffix;
    const extension = suffix.split('.').at(-1)!;
    const out = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(path.join(path.dirname(subset), `${stem}.${suffix}`)),
      ...(FILES.has(extension) && { filters: { [label]: [extension] } }),
      title: vscode.l10n.t('Export Subset'),
    });
    if (!out) return;
    const params = { subset, format, out: out.fsPath, approvedRoots: subsetRoots(), ...storeParams() };
    const title = notice(vscode.l10n.t('Exporting {0}', stem));
    const report = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (shown, token) => {
        token.onCancellationRequested(() => (stopped = true));
        const onProgress = ({ done, total }: JobProgress): void =>
          shown.report({ message: `${count(done)} / ${count(total)}` });
        return server.request('export', params, { token, onProgress });
      },
    );
    reached('hasExported');
    await tellExported(report);
  } catch (error) {
    if (stopped) return;
    services.log.error(error);
    void notifyError(toPanelError(error), () => services.log.show());
  }
}

/** What follows a name in the dataset's own format: the extension of its file, or a word for a folder. */
async function ownSuffix({ server }: Services, subset: string): Promise<string> {
  const { source } = await server.request('openSubset', { subset });
  const extension = path.extname(source).slice(1).toLowerCase();
  return FILES.has(extension) ? `own.${extension}` : 'own';
}

async function tellExported({ out, rows, command, warnings }: ExportReport): Promise<void> {
  const { t } = vscode.l10n;
  for (const warning of warnings) void vscode.window.showWarningMessage(notice(`ClipCov: ${warning}`));
  const open = t('Show');
  const copy = t('Copy Training Command');
  const text = t('Exported {0} pairs to {1}.', count(rows), path.basename(out));
  const choice = await vscode.window.showInformationMessage(notice(text), open, ...(command ? [copy] : []));
  if (choice === open) {
    const isText = /\.(csv|tsv|jsonl|txt)$/i.test(out);
    await vscode.commands.executeCommand(isText ? 'vscode.open' : 'revealInExplorer', vscode.Uri.file(out));
  }
  if (choice === copy && command) await vscode.env.clipboard.writeText(command);
}
