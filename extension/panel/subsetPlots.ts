import * as vscode from 'vscode';
import type { SubsetView } from '../../server/protocol/pairs.js';
import type { MapView } from '../../server/protocol/panel.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';
import { Projecting } from '../map/projecting.js';
import type { Server } from '../server/server.js';
import { readSettings, sourceParams, storeParams } from '../settings/settings.js';
import { answer } from './pages.js';

/** The messages that are about all pairs at once: the map and the distributions. */
export type AboutPlots = Extract<FromPanel, { type: 'map' | 'mapColumns' | 'cancelMap' | 'distributions' }>;

/** What a session answers about the maps and plots of its subset. */
export class SubsetPlots {
  private readonly projecting: Projecting;

  constructor(
    private readonly server: Server,
    /** `path`: of the subset that is shown, or will be. */
    private readonly place: () => { subset: SubsetView | null; path: string | null; source: string | null },
    private readonly post: (message: ToPanel) => void,
    progressed: (progress: JobProgress | null) => void,
  ) {
    this.projecting = new Projecting(server, progressed);
  }

  async receive(message: AboutPlots): Promise<void> {
    if (message.type === 'cancelMap') return this.projecting.cancel();
    this.post(await answer(message.request, () => this.answer(message)));
  }

  dispose(): void {
    this.projecting.forget();
  }

  private async answer(asked: Exclude<AboutPlots, { type: 'cancelMap' }>): Promise<ToPanel> {
    const { type, request } = asked;
    switch (type) {
      case 'map':
        return { type, request, map: await this.map(asked.by) };
      case 'mapColumns': {
        const { by, columns, offset } = asked;
        return { type, request, columns: await this.projecting.columns(by, columns, offset) };
      }
      case 'distributions': {
        const params = { subset: this.place().path ?? '', ...storeParams() };
        return { type, request, distributions: await this.server.request(type, params) };
      }
    }
  }

  private async map(by: MapView['by']): Promise<MapView> {
    const { subset, source } = this.place();
    if (!subset) throw new Error(vscode.l10n.t('No subset is open.'));
    const { device } = readSettings();
    const params = { ...sourceParams(source ?? subset.source), device, subset: subset.path };
    const revision = `${subset.path} ${subset.picks} ${subset.objective.value}`;
    return this.projecting.view(by, revision, params);
  }
}
