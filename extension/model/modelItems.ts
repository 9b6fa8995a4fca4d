import * as vscode from 'vscode';
import type { ListedModel } from '../../server/protocol/models.js';
import { byteCount } from '../run/figures.js';

/** Stands for the model that needs no setting. */
export const EMBEDDED = '';

/** An entry of the list: a model that is ready, or a way to get one. */
export type ModelItem = vscode.QuickPickItem &
  ({ source: 'ready'; model: string } | { source: 'folder' } | { source: 'hub' });

/** Every model that can be used as it is, each precision for itself, and the ways to others. */
export function modelItems(models: ListedModel[], current: string | undefined): ModelItem[] {
  const { t } = vscode.l10n;
  const [embedded, cached] = [models.filter(isEmbedded), models.filter((model) => !isEmbedded(model))];
  const ready = [...embedded.map(embeddedItem), ...cached.flatMap(cachedItems)];
  const mark = (item: Ready): Ready =>
    item.model === (current ?? EMBEDDED)
      ? { ...item, description: `${item.description} · ${t('in use')}` }
      : item;
  // A folder is in no list, and neither is a model that has left the cache.
  const other: Ready[] =
    current === undefined || ready.some(({ model }) => model === current)
      ? []
      : [{ source: 'ready', model: current, label: current, description: t('as the setting says') }];
  return [
    ...[...ready, ...other].map(mark),
    { source: 'folder', label: `$(folder-opened) ${t('A folder…')}` },
    { source: 'hub', label: `$(cloud-download) ${t('From the Hugging Face hub…')}` },
  ];
}

type Ready = Extract<ModelItem, { source: 'ready' }>;

function isEmbedded({ commit }: ListedModel): boolean {
  return commit === null;
}

function embeddedItem({ name, bytes }: ListedModel): Ready {
  const description = vscode.l10n.t('comes with ClipCov; knows icons and pictograms alone');
  return {
    source: 'ready',
    model: EMBEDDED,
    label: name,
    description: `${description} · ${byteCount(bytes)}`,
  };
}

/** Without a precision in its name a model is the fullest that is there. */
function cachedItems({ name, variants, folder }: ListedModel): Ready[] {
  return variants.map((variant, i) => {
    const model = i === 0 ? name : `${name}:${variant}`;
    return {
      source: 'ready',
      model,
      label: model,
      description: variant ?? vscode.l10n.t('full precision'),
      detail: folder,
    };
  });
}
