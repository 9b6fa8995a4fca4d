import type { FromPanel, ToPanel } from '../../server/protocol/contract.js';
import type { Server } from '../server/server.js';
import { subsetRoots } from '../settings/settings.js';
import { toPanelError } from './errors.js';

type Asked<T extends FromPanel['type']> = Extract<FromPanel, { type: T }>;

/** Every request of a webview is answered: one left open would leave a tile loading for good. */
async function answer(request: number, work: () => Promise<ToPanel>): Promise<ToPanel> {
  try {
    return await work();
  } catch (error) {
    return { type: 'failed', request, message: toPanelError(error).message };
  }
}

export function answerRows(server: Server, subset: string | null, asked: Asked<'rows'>): Promise<ToPanel> {
  const { request, offset, limit } = asked;
  return answer(request, async () => {
    if (!subset) return { type: 'rows', request, rows: [], total: 0 };
    const { rows, total } = await server.request('page', { subset, offset, limit });
    return { type: 'rows', request, rows, total };
  });
}

export function answerThumbnails(
  server: Server,
  subset: string | null,
  asked: Asked<'thumbnails'>,
  /** Folders that the user chose himself, beside those he approved. */
  chosen: string[],
): Promise<ToPanel> {
  const { request, ids } = asked;
  return answer(request, async () => {
    if (!subset) return { type: 'thumbnails', request, thumbnails: [] };
    const thumbnails = await server.request('thumbnails', {
      subset,
      ids,
      approvedRoots: subsetRoots(chosen),
    });
    return { type: 'thumbnails', request, thumbnails };
  });
}
