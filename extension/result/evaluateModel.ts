import * as vscode from 'vscode';
import { modelItems, type ModelItem } from '../model/modelItems.js';
import type { Services } from '../services.js';
import { readSettings, storeParams, subsetRoots } from '../settings/settings.js';
import { pickLabelledSets } from './labelledSets.js';
import type { Results } from './results.js';

/** Zero-shot accuracy or retrieval of one or several models on labelled sets, side by side. */
export async function evaluateModel(services: Services, results: Results): Promise<void> {
  const { t } = vscode.l10n;
  const title = t('Evaluate Model');
  const models = await pickModels(services, title);
  if (!models?.length) return;
  const sets = await pickLabelledSets(title, 'some');
  if (!sets) return;
  const out = await resultsFolder(title);
  if (out === undefined) return;
  const session = results.panel(title);
  const evaluation = await session.run('evaluateModel', title, {
    models,
    sets,
    device: readSettings().device,
    approvedRoots: subsetRoots(),
    ...storeParams(),
    ...(out && { out }),
  });
  if (evaluation) session.show({ kind: 'models', title, evaluation });
}

/** Models that are ready, and folders: of a model that was trained on a subset, say. */
async function pickModels({ server }: Services, title: string): Promise<string[] | undefined> {
  const { t } = vscode.l10n;
  const { models } = await server.request('listModels', {});
  const folderOf = ({ model, label }: Extract<ModelItem, { source: 'ready' }>): string =>
    model || models.find(({ name }) => name === label)!.folder;
  const items = modelItems(models, readSettings().model).filter(({ source }) => source !== 'hub');
  const picked = await vscode.window.showQuickPick(items, {
    ignoreFocusOut: true,
    title,
    canPickMany: true,
    placeHolder: t('Models to evaluate: of two, differences are shown'),
  });
  if (!picked) return undefined;
  const ready = picked.flatMap((item) => (item.source === 'ready' ? [folderOf(item)] : []));
  if (!picked.some(({ source }) => source === 'folder')) return ready;
  const folders = await vscode.window.showOpenDialog({
    title: t('Folders of CLIP models in ONNX'),
    openLabel: t('Use'),
    canSelectFolders: true,
    canSelectFiles: false,
    canSelectMany: true,
  });
  return folders && [...ready, ...folders.map(({ fsPath }) => fsPath)];
}

/** Where CLIP_benchmark's JSON goes; empty for nowhere, undefined where the user cancelled. */
async function resultsFolder(title: string): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const write = t('Write CLIP_benchmark’s JSON to a folder…');
  const choice = await vscode.window.showQuickPick([t('Only show the results'), write], {
    title,
    ignoreFocusOut: true,
  });
  if (choice === undefined) return undefined;
  if (choice !== write) return '';
  const chosen = await vscode.window.showOpenDialog({
    title,
    openLabel: t('Use'),
    canSelectFolders: true,
    canSelectFiles: false,
  });
  return chosen?.[0]?.fsPath;
}
