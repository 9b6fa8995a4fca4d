import * as vscode from 'vscode';
import type { PairPage } from '../../server/protocol/pairs.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';
import type { Server } from '../server/server.js';
import { storeParams, subsetRoots } from '../settings/settings.js';
import { notice } from '../text/notice.js';
import { toPanelError } from './errors.js';

type Asked<T extends FromPanel['type']> = Extract<FromPanel, { type: T }>;

/** Every request of a webview is answered: one left open would leave a tile loading for good. */
export async function answer(request: number, work: () => Promise<ToPanel>): Promise<ToPanel> {
  try {
    return await work();
  } catch (error) {
    return { type: 'failed', request, message: toPanelError(error).message };
  }
}

/** Where a session's pairs are, and which folders the user chose himself beside those he approved. */
export interface PairsPlace {
  server: Server;
  subset: string | null;
  chosen(): Promise<string[]>;
}

/** `coming`: the answer, where it has been asked for already. */
export function answerRows(
  { server, subset }: PairsPlace,
  asked: Asked<'rows'>,
  coming: Promise<PairPage> | null,
): Promise<ToPanel> {
  const { type, request, ...page } = asked;
  return answer(request, async () => {
    if (!subset) return { type, request, rows: [], total: 0 };
    const found = await (coming ?? server.request('page', { subset, ...storeParams(), ...page }));
    return { type, request, ...found };
  });
}

export function answerPairs({ server, subset }: PairsPlace, asked: Asked<'pairs'>): Promise<ToPanel> {
  const { request, ids } = asked;
  return answer(request, async () => {
    const rows = subset ? await server.request('pairsById', { subset, ...storeParams(), ids }) : [];
    return { type: 'rows', request, rows, total: rows.length };
  });
}

export function answerPairAt({ server, subset }: PairsPlace, asked: Asked<'pairAt'>): Promise<ToPanel> {
  const { request, row } = asked;
  return answer(request, async () => {
    const pair = subset ? await server.request('pairAt', { subset, ...storeParams(), row }) : null;
    return { type: 'rows', request, rows: pair ? [pair] : [], total: pair ? 1 : 0 };
  });
}

export function answerClasses({ server, subset }: PairsPlace, asked: Asked<'classes'>): Promise<ToPanel> {
  const { type, request, where } = asked;
  return answer(request, async () => {
    const classes = subset ? await server.request('pairClasses', { subset, ...storeParams(), where }) : [];
    return { type, request, classes };
  });
}

export function answerThumbnails(place: PairsPlace, asked: Asked<'thumbnails'>): Promise<ToPanel> {
  const { type, request, ids, size } = asked;
  return answer(request, async () => {
    const { server, subset } = place;
    if (!subset) return { type, request, thumbnails: [] };
    const approvedRoots = subsetRoots(await place.chosen());
    const params = { subset, ...storeParams(), ids, size, approvedRoots };
    return { type, request, thumbnails: await server.request('thumbnails', params) };
  });
}

/** Shows the file of a pair's image: in the Explorer where it belongs to the workspace, else where the system keeps files. */
export async function revealImage({ server, subset, chosen }: PairsPlace, id: number): Promise<void> {
  if (!subset) return;
  try {
    const approvedRoots = subsetRoots(await chosen());
    const found = await server.request('imageFile', { subset, ...storeParams(), id, approvedRoots });
    if ('reason' in found) {
      void vscode.window.showInformationMessage(
        notice(vscode.l10n.t('The image of this pair cannot be shown: {0}.', found.reason)),
      );
      return;
    }
    const uri = vscode.Uri.file(found.file);
    const inWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    await vscode.commands.executeCommand(inWorkspace ? 'revealInExplorer' : 'revealFileInOS', uri);
  } catch (error) {
    void vscode.window.showErrorMessage(notice(`ClipCov: ${toPanelError(error).message}`));
  }
}
