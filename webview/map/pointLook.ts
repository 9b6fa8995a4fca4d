import type { PairRow, Thumbnail } from '../../server/protocol/pairs.js';
import { LruCache } from '../grid/lru.js';

/** A pointer that only passes asks for nothing. */
const REST_MS = 80;
const KNOWN = 300;

/** What the map asks about a point of it. */
export interface PointQueries {
  /** The pair in a row of the store; null where only the picks are at hand, and it is none. */
  pairAt(row: number): Promise<PairRow | null>;
  thumbnails(ids: number[]): Promise<Thumbnail[]>;
}

/** Which pair a point is, and its picture once there is one. */
export interface PointPair {
  pair: PairRow | null;
  picture: Thumbnail | null;
}

/** Finds out which pair the point is that is looked at, and remembers those of a while. */
export class PointLook {
  private readonly known = new LruCache<number, PointPair>(KNOWN);
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly queries: PointQueries,
    private readonly changed: () => void,
  ) {}

  /** Undefined until it is known. */
  at(row: number): PointPair | undefined {
    return this.known.get(row);
  }

  /** To be told which point is looked at, −1 for none. */
  rest(row: number): void {
    this.stop();
    if (row < 0 || this.known.has(row)) return;
    // What cannot be found out is said by whoever opens the point.
    this.timer = setTimeout(() => void this.find(row).catch(() => undefined), REST_MS);
  }

  async find(row: number): Promise<PairRow | null> {
    const found = this.known.get(row);
    if (found) return found.pair;
    const pair = await this.queries.pairAt(row);
    this.keep(row, { pair, picture: null });
    if (pair) void this.findPicture(row, pair);
    return pair;
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private async findPicture(row: number, pair: PairRow): Promise<void> {
    const [picture] = await this.queries.thumbnails([pair.id]).catch(() => []);
    if (picture) this.keep(row, { pair, picture });
  }

  private keep(row: number, found: PointPair): void {
    this.known.set(row, found);
    this.changed();
  }
}
