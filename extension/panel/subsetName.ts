import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SUBSET_END } from '../subsets/grouping.js';

/** Asks what a new subset beside another is to be called; undefined where the user wants none. */
export async function askName(subset: string, suggested: string): Promise<string | undefined> {
  const folder = path.dirname(subset);
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Name of the New Subset'),
    ignoreFocusOut: true,
    value: freeName(folder, suggested),
    validateInput: (text) => complaint(folder, text),
  });
}

function freeName(folder: string, name: string): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(path.join(folder, `${free}${SUBSET_END}`))) return free;
  }
}

function complaint(folder: string, name: string): string | undefined {
  const { t } = vscode.l10n;
  if (!/^[^\\/:*?"<>|]{1,200}$/.test(name) || /^\.|\s$/.test(name))
    return t('Give a name that a file can have.');
  return existsSync(path.join(folder, `${name}${SUBSET_END}`))
    ? t('There is a subset of this name.')
    : undefined;
}
