import * as path from 'node:path';
import * as vscode from 'vscode';
import { notifyError } from '../panel/errors.js';
import type { Services } from '../services.js';
import { notice } from '../text/notice.js';
import { SUBSET_END } from './grouping.js';
import type { Node } from './nodes.js';
import { filesOfSubset } from './ownFiles.js';
import { readSmall } from './scan.js';

const { t } = vscode.l10n;

/** Moves a subset, a store or what sweeps have measured to the trash, once the user has agreed. */
export async function remove({ log }: Services, node: Node): Promise<void> {
  const asked = question(node);
  if (!asked) return;
  const move = t('Move to Trash');
  const { fsPath } = node.uri;
  const detail = [asked.consequence, notice(fsPath)].join('\n\n');
  const choice = await vscode.window.showWarningMessage(asked.text, { modal: true, detail }, move);
  if (choice !== move) return;
  try {
    let forGood = false;
    for (const uri of await filesOf(node)) {
      if (!forGood && (await toTrash(uri))) continue;
      forGood ||= await agreedForGood(fsPath);
      if (!forGood) return;
      await vscode.workspace.fs.delete(uri, { recursive: true });
    }
  } catch (error) {
    log.error(error);
    const message = t('It could not be deleted.');
    void notifyError({ message, code: 'delete', where: fsPath, fix: (error as Error).message }, () =>
      log.show(),
    );
  }
}

function question({ kind, uri }: Node): { text: string; consequence: string } | null {
  const name = notice(path.basename(uri.fsPath));
  switch (kind) {
    case 'subset':
      return {
        text: t('Delete the subset {0}?', name),
        consequence: t(
          'Its picks, its lists of forced pairs and its evaluation go with it. The dataset stays as it is.',
        ),
      };
    case 'store':
      return {
        text: t('Delete the embeddings {0}?', name),
        consequence: t('The next run of this model on this dataset has to embed all pairs again.'),
      };
    case 'sweep':
      return {
        text: t('Delete what sweeps of this dataset have measured?'),
        consequence: t('The next sweep measures everything again. Reports stay as they are.'),
      };
    case 'dataset':
    case 'evaluation':
    case 'measure':
    case 'cluster':
    case 'stage':
    case 'cause':
      return null;
  }
}

/** The document goes last: without it nobody would know of the others. */
async function filesOf({ kind, uri }: Node): Promise<vscode.Uri[]> {
  if (kind !== 'subset') return [uri];
  const folder = vscode.Uri.joinPath(uri, '..');
  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
  const own = path.posix.basename(uri.path);
  const others = names.filter((name) => name.endsWith(SUBSET_END) && name !== own);
  const document = await readSmall(uri);
  const shared = await Promise.all(others.map((name) => readSmall(vscode.Uri.joinPath(folder, name))));
  const files = filesOfSubset(own, document, names, shared);
  return [...files.map((name) => vscode.Uri.joinPath(folder, name)), uri];
}

/** Whether there was a trash to put it into: most remote machines have none. */
async function toTrash(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
    return true;
  } catch {
    return false;
  }
}

async function agreedForGood(fsPath: string): Promise<boolean> {
  const forGood = t('Delete Permanently');
  const choice = await vscode.window.showWarningMessage(
    t('{0} cannot be moved to a trash here. Delete it permanently?', notice(path.basename(fsPath))),
    { modal: true },
    forGood,
  );
  return choice === forGood;
}
