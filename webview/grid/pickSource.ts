import type { PairRow, PairView, Thumbnail } from '../../server/protocol/contract.js';
import { LruCache } from './lru.js';

export const PAGE = 60;
const PAGES = 20;
const THUMBNAILS = 600;
/** A fling over thousands of rows asks for those it ends at, not for all it passes. */
const SETTLE_MS = 60;
const VIEW: PairView = { sort: 'rank', descending: false, byClass: false, where: { selected: true } };

export interface PickQueries {
  rows(offset: number, limit: number, view: PairView, terms: boolean): Promise<{ rows: PairRow[] }>;
  thumbnails(ids: number[]): Promise<Thumbnail[]>;
}

/** Picks by rank order, fetched page by page as they are looked at, and forgotten when long out of sight. */
export class PickSource {
  private readonly pages = new LruCache<number, PairRow[]>(PAGES);
  private readonly pictures = new LruCache<number, Thumbnail>(THUMBNAILS);
  private readonly asked = new Set<string>();
  private wanted: { first: number; last: number } = { first: 0, last: -1 };
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** Why the newest request failed, until one succeeds. */
  problem: string | null = null;

  constructor(
    private readonly queries: PickQueries,
    private readonly changed: () => void,
  ) {}

  pick(index: number): PairRow | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Undefined while it is being fetched. */
  thumbnail(id: number): Thumbnail | undefined {
    return this.pictures.get(id);
  }

  /** To be told which picks are in view, both ends included. */
  want(first: number, last: number): void {
    this.wanted = { first, last };
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.fetchWanted();
    }, SETTLE_MS);
  }

  private fetchWanted(): void {
    const { first, last } = this.wanted;
    const missing: number[] = [];
    for (let index = first; index <= last; index++) {
      const pick = this.pick(index);
      if (pick && !this.pictures.has(pick.id) && !this.asked.has(`picture ${pick.id}`)) missing.push(pick.id);
    }
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) this.fetchPage(page);
    for (let at = 0; at < missing.length; at += PAGE) this.fetchThumbnails(missing.slice(at, at + PAGE));
  }

  private fetchPage(page: number): void {
    const name = `page ${page}`;
    if (this.pages.has(page) || this.asked.has(name)) return;
    this.ask([name], async () => {
      const { rows } = await this.queries.rows(page * PAGE, PAGE, VIEW, false);
      this.pages.set(page, rows);
    });
  }

  private fetchThumbnails(ids: number[]): void {
    this.ask(
      ids.map((id) => `picture ${id}`),
      async () => {
        const thumbnails = await this.queries.thumbnails(ids);
        const byId = new Map(thumbnails.map((thumbnail) => [thumbnail.id, thumbnail]));
        // One that is not answered for would be asked for without end.
        for (const id of ids) this.pictures.set(id, byId.get(id) ?? { id, uri: null });
      },
    );
  }

  /** What failed stays noted as asked for: it is not asked for again by itself. */
  private ask(names: string[], work: () => Promise<void>): void {
    for (const name of names) this.asked.add(name);
    work().then(
      () => {
        for (const name of names) this.asked.delete(name);
        this.problem = null;
        this.changed();
      },
      (error: unknown) => {
        this.problem = error instanceof Error ? error.message : String(error);
        this.changed();
      },
    );
  }
}
