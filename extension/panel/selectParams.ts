import * as vscode from 'vscode';
import type { RequestParams } from '../../server/protocol/contract.js';
import type { RunOptions } from '../../server/protocol/panelMessages.js';

type Params = Omit<RequestParams<'select'>, 'source'>;

/**
 * What to ask the server for; the server validates the values. Files that the options need are asked for here, so that
 * a webview never names a path. Undefined where the user chose none.
 */
export async function selectParams(options: RunOptions): Promise<Params | undefined> {
  const { budget, method = 'clipcov', nearDuplicates, seed, weights, device, classes, kmeans } = options;
  const { excludeFindings } = options;
  const params = { budget, method, seed, weights, device } as Params;
  if (nearDuplicates !== undefined) params.nearDuplicates = nearDuplicates;
  if (excludeFindings?.length) params.excludeFindings = excludeFindings;
  if (classes === 'imagenet-1k') params.classes = classes;
  if (classes === 'k-means' && kmeans !== undefined) params.kmeans = kmeans;
  const { t } = vscode.l10n;
  if (classes === 'file') {
    const file = await ask(t('Class names, one a line, or their text embeddings'), {
      filters: { [t('Class names')]: ['txt'], [t('Class embeddings')]: ['npy'] },
    });
    if (file === undefined) return undefined;
    params[file.toLowerCase().endsWith('.npy') ? 'classEmbeddings' : 'classes'] = file;
  }
  if (/\bnorm-sim\b/.test(method)) {
    const file = await ask(t('Image embeddings of the target set'), {
      filters: { [t('Embeddings')]: ['npy'] },
    });
    if (file === undefined) return undefined;
    params.target = file;
  }
  if (/\bc-rho\b/.test(method)) {
    const store = await ask(t('Store of the same pairs by an early model'), { canSelectFolders: true });
    if (store === undefined) return undefined;
    params.early = store;
  }
  return params;
}

async function ask(title: string, options: vscode.OpenDialogOptions): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    openLabel: vscode.l10n.t('Use'),
    canSelectFiles: !options.canSelectFolders,
    ...options,
  });
  return chosen?.[0]?.fsPath;
}
