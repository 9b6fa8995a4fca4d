import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Database } from '../dataset/database.js';
import { ClipcovError } from '../errors.js';
import { picksMissing, picksPath } from '../export/picks.js';
import { readSubset, SUBSET_EXTENSION, type SubsetDocument } from '../export/subsetDocument.js';
import type { Distributions, PairClass, PairPage, PairRow } from '../protocol/pairs.js';
import type { PairFilter, PairView } from '../protocol/pairView.js';
import { distributions } from './distributions.js';
import { bitsWithin } from './mapPart.js';
import { pointsFile } from './mapFiles.js';
import { otherSubsets, type OtherSubset } from './otherSubsets.js';
import { pairTableFile } from './pairTable.js';
import { PairSql, type PairFiles } from './relation.js';

/** Orders that are remembered, 4 bytes a pair each: a page of one that is known is read without sorting again. */
const ORDERS = 6;
const orders = new Map<string, Promise<Int32Array>>();

const SEEN = 10_000;
const seenOf = new Map<string, Map<number, string | null>>();

/** Image paths by id of the pages last looked at; of few subsets, and not too many. */
function imagesSeen(signature: string): Map<number, string | null> {
  const seen = seenOf.get(signature);
  if (seen && seen.size < SEEN) return seen;
  const fresh = new Map<number, string | null>();
  if (seenOf.size >= ORDERS) seenOf.clear();
  seenOf.set(signature, fresh);
  return fresh;
}

interface StoredRow {
  row: number;
  id: number;
  rank: number | null;
  gain: number | null;
  latent_class: string | null;
  clip_score: number | null;
  cross_term: number | null;
  label_term: number | null;
  inter_term: number | null;
  left_out: PairRow['left'];
  image_path: string | null;
  caption: string | null;
}

/** A subset as its pairs are looked at: opened anew by each query, since its files may be others by now. */
export class OpenedPairs {
  private constructor(
    readonly file: string,
    readonly document: SubsetDocument,
    readonly others: OtherSubset[],
    private readonly files: PairFiles,
    /** Of all these files: whatever changes, no order of before is taken. */
    private readonly signature: string,
    /** Where ClipCov keeps what it has of the dataset. */
    private readonly home: string,
  ) {}

  static async open({ subset, store }: { subset: string; store?: string | undefined }): Promise<OpenedPairs> {
    const file = resolve(subset);
    const document = await readSubset(file);
    const picks = picksPath(file, document);
    if (!existsSync(picks)) throw picksMissing(picks);
    const table = pairTableFile(file, document, store);
    const others = await otherSubsets(file, document);
    const all = existsSync(table) ? table : null;
    const paths = [picks, ...(all === null ? [] : [all]), ...others.map((other) => other.file)];
    const stats = await Promise.all(paths.map((path) => stat(path, { bigint: true })));
    const signature = JSON.stringify(
      paths.map((path, i) => `${path} ${stats[i]!.size} ${stats[i]!.mtimeNs}`),
    );
    const byName = new Map(others.map((other) => [other.name, other.file]));
    const home = dirname(dirname(table));
    return new OpenedPairs(file, document, others, { picks, all, others: byName }, signature, home);
  }

  /** Whether the table of all pairs is there. */
  get complete(): boolean {
    return this.files.all !== null;
  }

  async page(view: PairView, offset: number, limit: number, terms: boolean): Promise<PairPage> {
    if (this.isByRank(view) && !(terms && this.complete)) return this.pageByRank(offset, limit);
    const order = await this.order(view);
    const wanted = order.subarray(offset, offset + limit);
    const rows = await this.rows('row', [...wanted]);
    const byRow = new Map(rows.map((row) => [row.row, row]));
    return {
      rows: this.seeing(Array.from(wanted, (row) => pairRow(byRow.get(row)!))),
      total: order.length,
    };
  }

  /** The classes of the pairs that a filter leaves, by name, those without one last: the order of a view by class. */
  async classes(where: PairFilter): Promise<PairClass[]> {
    const within = await this.within(where);
    return this.query(async (database) => {
      const sql = new PairSql(this.files, within);
      const text = `SELECT latent_class AS name, count(*) AS pairs, count(rank) AS picks FROM ${sql.pairs()}
        ${sql.where(where)} GROUP BY latent_class ORDER BY latent_class NULLS LAST`;
      return database.all<PairClass>(text, sql.values);
    });
  }

  /** What the plots show. */
  async distributions(): Promise<Distributions> {
    const name = basename(this.file, SUBSET_EXTENSION);
    return this.query((database) => distributions(database, this.files, name));
  }

  /** With their terms; those that there are not are left out. */
  async byId(ids: number[]): Promise<PairRow[]> {
    return this.seeing((await this.rows('id', [...new Set(ids)])).map(pairRow));
  }

  /** The pair in a row of the store, or null where that is not at hand. */
  async at(row: number): Promise<PairRow | null> {
    return this.seeing((await this.rows('row', [row])).map(pairRow))[0] ?? null;
  }

  /** Image paths by id, of pairs that there are. */
  async images(ids: number[]): Promise<Map<number, string | null>> {
    const seen = imagesSeen(this.signature);
    const rows = await this.rows(
      'id',
      [...new Set(ids)].filter((id) => !seen.has(id)),
    );
    const found = new Map(rows.map(({ id, image_path }) => [id, image_path]));
    return new Map(
      ids.flatMap((id) => {
        const image = found.has(id) ? found.get(id) : seen.get(id);
        return image === undefined ? [] : [[id, image]];
      }),
    );
  }

  /** Remembers where the images of a page lie: they are asked for by id next. */
  private seeing(rows: PairRow[]): PairRow[] {
    const seen = imagesSeen(this.signature);
    for (const { id, image } of rows) seen.set(id, image);
    return rows;
  }

  /** Picks and nothing else, as the file has them: this neither sorts nor reads the table of all pairs. */
  private isByRank({ sort, descending, byClass, where }: PairView): boolean {
    const { selected, ...others } = where;
    const onlyPicks = selected === true || (!this.complete && selected === undefined);
    const isFiltered = Object.values(others).some((condition) => condition !== undefined);
    return sort === 'rank' && !descending && !byClass && onlyPicks && !isFiltered;
  }

  private async pageByRank(offset: number, limit: number): Promise<PairPage> {
    return this.query(async (database) => {
      const sql = new PairSql({ ...this.files, all: null });
      const text = `SELECT * FROM ${sql.pairs()} WHERE rank >= ${sql.bind(BigInt(offset))}
        AND rank < ${sql.bind(BigInt(offset + limit))} ORDER BY rank`;
      const rows = await database.all<StoredRow>(text, sql.values);
      return { rows: this.seeing(rows.map(pairRow)), total: this.document.picks };
    });
  }

  /** Rows of the store in the order of a view. */
  private order(view: PairView): Promise<Int32Array> {
    const key = `${this.signature} ${JSON.stringify(view)}`;
    const before = orders.get(key);
    const order = before ?? this.sort(view);
    orders.delete(key);
    orders.set(key, order);
    if (!before) order.catch(() => orders.delete(key));
    for (const oldest of orders.keys()) if (orders.size > ORDERS) orders.delete(oldest);
    return order;
  }

  private async sort(view: PairView): Promise<Int32Array> {
    const within = await this.within(view.where);
    return this.query(async (database) => {
      const sql = new PairSql(this.files, within);
      const text = `SELECT CAST(row AS INTEGER) FROM ${sql.pairs()} ${sql.where(view.where)} ${sql.orderBy(view)}`;
      const result = await database.connection.run(text, sql.values);
      const order = new Int32Array(result.rowCount);
      // Chunk by chunk, so that others are answered meanwhile.
      for (let at = 0; at < order.length;) {
        const chunk = await result.fetchChunk();
        if (!chunk?.rowCount) break;
        order.set(chunk.getColumnValues(0) as number[], at);
        at += chunk.rowCount;
      }
      return order;
    });
  }

  /** The part of the map that a filter asks for, as a bit for each row. */
  private async within({ within }: PairFilter): Promise<string | null> {
    if (!within) return null;
    return bitsWithin(pointsFile(this.home, within.by, this.document.dataset.fingerprint), within.corners);
  }

  private async rows(by: 'row' | 'id', wanted: number[]): Promise<StoredRow[]> {
    if (wanted.length === 0) return [];
    return this.query(async (database) => {
      const sql = new PairSql(this.files);
      const text = `SELECT * FROM ${sql.pairs()} WHERE ${by} IN (${wanted.map((one) => sql.bind(BigInt(one))).join()})`;
      return database.all<StoredRow>(text, sql.values);
    });
  }

  /** A table that cannot be read is removed, to be made again; picks that cannot be are the subset's end. */
  private async query<T>(use: (database: Database) => Promise<T>): Promise<T> {
    const database = await Database.connect();
    try {
      return await use(database);
    } catch (cause) {
      const { all, picks } = this.files;
      const why = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
      const isOfTable = all !== null && !(await isReadable(all));
      if (isOfTable) await rm(all, { force: true }).catch(() => undefined);
      throw new ClipcovError('pairs-unreadable', `The pairs cannot be read: ${why}`, {
        where: isOfTable ? all : picks,
        fix: isOfTable
          ? 'The table of all pairs was removed: read all pairs again.'
          : 'Restore the file that belongs to the subset, or select again.',
        cause,
      });
    } finally {
      database.close();
    }
  }
}

/** Whether every value of a table can be read. */
async function isReadable(file: string): Promise<boolean> {
  const database = await Database.connect();
  try {
    const sql = new PairSql({ picks: file, all: null, others: new Map() });
    await database.run(`SELECT bit_xor(hash(COLUMNS(*))) FROM ${sql.parquet(file)}`, sql.values);
    return true;
  } catch {
    return false;
  } finally {
    database.close();
  }
}

function pairRow(row: StoredRow): PairRow {
  const { id, rank, gain, cross_term, label_term, inter_term, caption } = row;
  const known = cross_term !== null && label_term !== null && inter_term !== null;
  return {
    ...{ id, rank, gain, caption },
    latentClass: row.latent_class,
    clipScore: row.clip_score,
    terms: known ? { cross: cross_term, label: label_term, inter: inter_term } : null,
    left: row.left_out,
    image: row.image_path,
  };
}
