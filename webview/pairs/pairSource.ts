import { PAGE } from '../../server/protocol/firstLook.js';
import type { Explanation, PairClass, PairPage, PairRow, Thumbnail } from '../../server/protocol/pairs.js';
import type { PairFilter, PairView } from '../../server/protocol/pairView.js';
import { LruCache } from '../grid/lru.js';

const PAGES = 20;
const THUMBNAILS = 600;
/** A fling asks for the pairs it ends at: what is in view for less than this passes faster than anybody looks. */
const SETTLE_MS = 120;
/** Requests of pairs that come into view one after another are sent together. */
const TOGETHER_MS = 30;

/** What a page asks its host about pairs. */
export interface PairQueries {
  rows(offset: number, limit: number, view: PairView, terms: boolean): Promise<PairPage>;
  pairs(ids: number[]): Promise<PairRow[]>;
  classes(where: PairFilter): Promise<PairClass[]>;
  thumbnails(ids: number[], size?: 'small' | 'large'): Promise<Thumbnail[]>;
  explain(id: number): Promise<Explanation>;
}

/** The pairs of one view in its order, fetched page by page as they are looked at, and forgotten when long out of sight. */
export class PairSource {
  private readonly pages = new LruCache<number, PairRow[]>(PAGES);
  private readonly asked = new Set<string>();
  /** What is in view, and since when. */
  private inView = new Map<number, number>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  total = 0;
  /** Why the newest request failed, until one succeeds. */
  problem: string | null = null;

  constructor(
    private readonly queries: PairQueries,
    private readonly view: PairView,
    private readonly terms: boolean,
    /** Shared with the sources of other views: they show the same pairs. */
    private readonly pictures: LruCache<number, Thumbnail>,
    private readonly changed: () => void,
  ) {}

  /** Fetches the first page, which says how many there are. */
  async open(): Promise<void> {
    const { rows, total } = await this.queries.rows(0, PAGE, this.view, this.terms);
    this.total = total;
    this.pages.set(0, rows);
  }

  pair(index: number): PairRow | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Undefined while it is being fetched. */
  thumbnail(id: number): Thumbnail | undefined {
    return this.pictures.get(id);
  }

  /** To be told which pairs are in view. */
  want(indices: readonly number[]): void {
    const now = performance.now();
    // Nothing was in view before: nobody scrolls.
    const since = this.inView.size === 0 ? now - SETTLE_MS : now;
    this.inView = new Map(indices.map((index) => [index, this.inView.get(index) ?? since]));
    this.fetchSettled();
  }

  private fetchSettled(): void {
    if (this.timer !== null) return;
    const settled: number[] = [];
    const now = performance.now();
    let next = Infinity;
    for (const [index, since] of this.inView) {
      const wait = since + SETTLE_MS - now;
      if (wait <= 0) settled.push(index);
      else next = Math.min(next, wait);
    }
    this.fetch(settled);
    if (next === Infinity) return;
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.fetchSettled();
      },
      Math.max(next, TOGETHER_MS),
    );
  }

  private fetch(indices: readonly number[]): void {
    const missing: number[] = [];
    for (const index of indices) {
      const pair = this.pair(index);
      if (pair && !this.pictures.has(pair.id) && !this.asked.has(`picture ${pair.id}`)) missing.push(pair.id);
    }
    for (const page of new Set(indices.map((index) => Math.floor(index / PAGE)))) this.fetchPage(page);
    for (let at = 0; at < missing.length; at += PAGE) this.fetchThumbnails(missing.slice(at, at + PAGE));
  }

  private fetchPage(page: number): void {
    const name = `page ${page}`;
    if (this.pages.has(page) || this.asked.has(name)) return;
    this.ask([name], async () => {
      const { rows } = await this.queries.rows(page * PAGE, PAGE, this.view, this.terms);
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

export function thumbnailCache(): LruCache<number, Thumbnail> {
  return new LruCache(THUMBNAILS);
}
