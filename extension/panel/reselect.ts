import * as path from 'node:path';
import * as vscode from 'vscode';
import { SUBSET_END } from '../subsets/grouping.js';
import { askName } from './subsetName.js';

/**
 * Where a selection with marked pairs is to be saved: in place of the subset, which is `null`, or under another name beside
 * it; undefined where the user chose neither.
 */
export async function askTarget(subset: string): Promise<string | null | undefined> {
  const { t } = vscode.l10n;
  const name = path.basename(subset, SUBSET_END);
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
  return choice === replace ? null : askName(subset, `${name}-edited`);
}
