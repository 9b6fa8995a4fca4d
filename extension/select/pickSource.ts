import * as path from 'node:path';
import * as vscode from 'vscode';

type Choice = vscode.QuickPickItem & { choose(): Promise<vscode.Uri | undefined> };

/** Asks for a dataset: one that is known, a workspace folder, or a folder or table anywhere. */
export async function pickSource(asking: string, known: readonly string[]): Promise<vscode.Uri | undefined> {
  const { t } = vscode.l10n;
  const datasets: Choice[] = known.map((source) => ({
    label: `$(database) ${path.basename(source)}`,
    description: source,
    choose: async () => vscode.Uri.file(source),
  }));
  const workspace = (vscode.workspace.workspaceFolders ?? []).filter(
    ({ uri }) => !known.includes(uri.fsPath),
  );
  const folders: Choice[] = workspace.map(({ name, uri }) => ({
    label: `$(folder) ${name}`,
    description: uri.fsPath,
    choose: async () => uri,
  }));
  const others: Choice[] = [
    { label: `$(folder-opened) ${t('Choose a folder…')}`, choose: () => browse({ canSelectFolders: true }) },
    {
      label: `$(table) ${t('Choose a table or shard (CSV, TSV, JSONL, Parquet, tar)…')}`,
      choose: () => browse({ filters: { [t('Dataset tables')]: ['csv', 'tsv', 'jsonl', 'parquet', 'tar'] } }),
    },
  ];
  const picked = await vscode.window.showQuickPick([...datasets, ...folders, ...others], {
    ignoreFocusOut: true,
    placeHolder: asking,
  });
  return picked?.choose();
}

async function browse(options: vscode.OpenDialogOptions): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    openLabel: vscode.l10n.t('Select From'),
    canSelectFiles: !options.canSelectFolders,
    ...options,
  });
  return chosen?.[0];
}
