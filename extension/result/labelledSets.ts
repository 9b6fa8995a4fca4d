import * as vscode from 'vscode';

type Choice = vscode.QuickPickItem & { act: 'folders' | 'tables' | 'done' };

/**
 * Asks for labelled sets, folders and tables, as many as the user has: a folder for each class, a table with labels, or a
 * WebDataset of CLIP_benchmark. Undefined where he cancelled; none where that is allowed.
 */
export async function pickLabelledSets(
  title: string,
  need: 'some' | 'optional',
): Promise<string[] | undefined> {
  const { t } = vscode.l10n;
  const sets: string[] = [];
  for (;;) {
    const done = need === 'some' && sets.length === 0 ? [] : [doneItem(sets)];
    const choice = await vscode.window.showQuickPick<Choice>(
      [
        ...done,
        {
          act: 'folders',
          label: `$(folder-opened) ${t('Add folders…')}`,
          detail: t('A folder for each class, or a WebDataset of CLIP_benchmark'),
        },
        {
          act: 'tables',
          label: `$(table) ${t('Add tables…')}`,
          detail: t('CSV, TSV, JSONL or Parquet with a column of labels'),
        },
      ],
      { title, placeHolder: t('Labelled sets to try on'), ignoreFocusOut: true },
    );
    if (!choice) return undefined;
    if (choice.act === 'done') return sets;
    const chosen = await vscode.window.showOpenDialog({
      title,
      openLabel: t('Add'),
      canSelectMany: true,
      canSelectFiles: choice.act === 'tables',
      canSelectFolders: choice.act === 'folders',
    });
    sets.push(...(chosen ?? []).map(({ fsPath }) => fsPath).filter((path) => !sets.includes(path)));
  }
}

function doneItem(sets: readonly string[]): Choice {
  const { t } = vscode.l10n;
  return sets.length === 0
    ? { act: 'done', label: `$(arrow-right) ${t('Go on without labelled sets')}` }
    : { act: 'done', label: `$(check) ${t('Go on')}`, detail: sets.join(', ') };
}
