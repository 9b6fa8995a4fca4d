import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';

const EXTENSION = '.clipcov.json';

/**
 * Where a selection with marked pairs is to be saved: in place of the subset, which is `null`, or under another name beside
 * it; undefined where the user chose neither.
 */
export async function askTarget(subset: string): Promise<string | null | undefined> {
  const { t } = vscode.l10n;
  const name = path.basename(subset, EXTENSION);
  const replace = {
    label: t('Replace {0}', name),
    description: t('the subset and its picks are written anew'),
  };
  const another = { label: t('Save as a New Subset…'), description: t('{0} stays as it is', name) };
  const choice = await vscode.window.showQuickPick([replace, another], {
    title: t('Select Again With the Marked Pairs'),
    placeHolder: t('Where to save what is picked'),
    ignoreFocusOut: true,
  });
  if (!choice) return undefined;
  if (choice === replace) return null;
  return vscode.window.showInputBox({
    title: t('Name of the New Subset'),
    ignoreFocusOut: true,
    value: freeName(path.dirname(subset), name),
    validateInput: (text) => complaint(path.dirname(subset), text),
  });
}

function freeName(folder: string, name: string): string {
  for (let number = 1; ; number++) {
    const free = `${name}-edited${number === 1 ? '' : `-${number}`}`;
    if (!existsSync(path.join(folder, `${free}${EXTENSION}`))) return free;
  }
}

function complaint(folder: string, name: string): string | undefined {
  const { t } = vscode.l10n;
  if (!/^[^\\/:*?"<>|]{1,200}$/.test(name) || /^\.|\s$/.test(name))
    return t('Give a name that a file can have.');
  return existsSync(path.join(folder, `${name}${EXTENSION}`))
    ? t('There is a subset of this name.')
    : undefined;
}
