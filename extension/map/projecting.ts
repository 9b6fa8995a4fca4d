import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { RequestParams } from '../../server/protocol/contract.js';
import type { MAP_PAGE, Projection } from '../../server/protocol/map.js';
import type { ProjectionKind } from '../../server/protocol/pairView.js';
import type { MapColumn, MapView } from '../../server/protocol/panel.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import type { Server } from '../server/server.js';

// Typed, not imported: the value would pull the server's validation into the extension.
const PAGE: typeof MAP_PAGE = 32_768;

interface Making {
  map: Promise<Projection>;
  cancellation: CancellationTokenSource;
}

/** The maps of the subset that a session shows: made when first asked for, and passed on page by page as they come. */
export class Projecting {
  private subset: string | null = null;
  private readonly makings = new Map<ProjectionKind, Making>();

  constructor(
    private readonly server: Server,
    private readonly progressed: (progress: JobProgress | null) => void,
  ) {}

  /** `revision` names the state of the picks: another one is another map. */
  async view(
    by: ProjectionKind,
    revision: string,
    params: Omit<RequestParams<'project'>, 'by'>,
  ): Promise<MapView> {
    if (this.subset !== revision) this.forget();
    this.subset = revision;
    const making = this.makings.get(by) ?? this.make(by, params);
    this.makings.set(by, making);
    try {
      const { rows, classes, explained, fitted, others } = await making.map;
      return {
        ...{ by, rows, classes, explained, fitted },
        others: others.map(({ name, method }) => ({ name, method })),
      };
    } catch (error) {
      // It may be asked for again.
      if (this.makings.get(by) === making) this.makings.delete(by);
      throw error;
    }
  }

  /** The page says which columns, never which files. */
  async columns(by: ProjectionKind, columns: MapColumn[], offset: number): Promise<string[]> {
    const map = await this.makings.get(by)?.map;
    if (!map) return [];
    const files = columns.map((name) => (typeof name === 'number' ? map.others[name]?.ranks : map[name]));
    if (!files.every((file) => file !== undefined)) return [];
    return this.server.request('mapColumns', { files, offset, limit: PAGE });
  }

  cancel(): void {
    for (const { cancellation } of this.makings.values()) cancellation.cancel();
  }

  /** What is being made ends, and what was made is asked for again. */
  forget(): void {
    this.cancel();
    this.makings.clear();
  }

  private make(by: ProjectionKind, params: Omit<RequestParams<'project'>, 'by'>): Making {
    const cancellation = new CancellationTokenSource();
    const map = this.server
      .request(
        'project',
        { ...params, by },
        {
          token: cancellation.token,
          onProgress: ({ previews: _, ...progress }) => this.progressed(progress),
        },
      )
      .finally(() => this.progressed(null));
    return { map, cancellation };
  }
}
