import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';
import { notifyError } from '../panel/errors.js';
import { writeDemo } from './writeDemo.js';

const FOLDER = 'clipcov-demo';

/** Draws a small dataset into a folder that the user chooses, and opens its panel. */
export async function makeDemo(sessions: Sessions): Promise<void> {
  const { t } = vscode.l10n;
  const chosen = await vscode.window.showOpenDialog({
    title: t('Where to make the folder {0}', FOLDER),
    openLabel: t('Make It Here'),
    canSelectFolders: true,
    canSelectFiles: false,
    ...(vscode.workspace.workspaceFolders && { defaultUri: vscode.workspace.workspaceFolders[0]!.uri }),
  });
  if (!chosen?.[0]) return;
  const folder = path.join(chosen[0].fsPath, FOLDER);
  try {
    await writeDemo(folder);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const message = isThere
      ? t('There is a folder {0} already.', FOLDER)
      : t('The demonstration dataset cannot be written.');
    const fix = isThere ? t('Choose another place, or select from that one.') : (error as Error).message;
    void notifyError({ message, code: 'demo', where: folder, fix }, () => undefined);
    return;
  }
  sessions.openSource(folder);
}
