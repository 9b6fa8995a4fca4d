import type { DuckDBValue } from '@duckdb/node-api';
import type { PairColumn, PairFilter, PairView } from '../protocol/pairView.js';

/** Where pairs are read from: the picks of a subset, and the table of all pairs where it is there. */
export interface PairFiles {
  picks: string;
  all: string | null;
  /** Picks of the other subsets, by their names. */
  others: ReadonlyMap<string, string>;
}

const COLUMN: Record<PairColumn, string> = {
  rank: 'rank',
  gain: 'gain',
  clipScore: 'clip_score',
  cross: 'cross_term',
  label: 'label_term',
  inter: 'inter_term',
  latentClass: 'latent_class',
  caption: 'caption',
  id: 'id',
};

/** A query in the making: whatever a caller says is bound, never written into it. */
export class PairSql {
  readonly values: DuckDBValue[] = [];

  constructor(
    private readonly files: PairFiles,
    /** Of each row of the store whether it lies in the part of the map that is looked at. */
    private readonly within: string | null = null,
  ) {}

  bind(value: DuckDBValue): string {
    return `$${this.values.push(value)}`;
  }

  parquet(file: string): string {
    return `read_parquet(${this.bind(file)}, hive_partitioning = false)`;
  }

  /** All pairs there are, under the names of `COLUMN`. */
  pairs(): string {
    const { picks, all } = this.files;
    if (all === null)
      return `(SELECT row, id, rank, gain, latent_class, clip_score, NULL::DOUBLE AS cross_term,
                NULL::DOUBLE AS label_term, NULL::DOUBLE AS inter_term, NULL::VARCHAR AS left_out, image_path, caption
              FROM ${this.parquet(picks)})`;
    return `(SELECT p.row, p.id, k.rank, k.gain, p.latent_class, coalesce(k.clip_score, p.self_term) AS clip_score,
              p.cross_term, p.label_term, p.inter_term, p.left_out, p.image_path, p.caption
            FROM ${this.parquet(all)} p
            LEFT JOIN (SELECT row, rank, gain, clip_score FROM ${this.parquet(picks)}) k USING (row))`;
  }

  /** `WHERE` with all conditions of a filter; each looks at a pair alone. */
  where(filter: PairFilter): string {
    const conditions = [
      ...(filter.selected === undefined ? [] : [`rank IS ${filter.selected ? 'NOT NULL' : 'NULL'}`]),
      ...(filter.classes
        ? [`latent_class IN (${filter.classes.map((name) => this.bind(name)).join()})`]
        : []),
      ...Object.entries(filter.ranges ?? {}).flatMap(([column, { from, to }]) => [
        ...(from === undefined ? [] : [`${COLUMN[column as PairColumn]} >= ${this.bind(from)}`]),
        ...(to === undefined ? [] : [`${COLUMN[column as PairColumn]} <= ${this.bind(to)}`]),
      ]),
      ...(filter.search ? [`contains(lower(caption), lower(${this.bind(filter.search)}))`] : []),
      ...(this.within === null
        ? []
        : [`get_bit((SELECT CAST(${this.bind(this.within)} AS BIT)), CAST(row AS INTEGER)) = 1`]),
      ...(filter.others ?? []).map(({ name, picked }) => this.other(name, picked)),
    ];
    return conditions.length ? `WHERE ${conditions.join(' AND ')}` : '';
  }

  private other(name: string, picked: boolean): string {
    const file = this.files.others.get(name);
    // One that is gone has picked nothing.
    if (file === undefined) return picked ? 'false' : 'true';
    return `row ${picked ? '' : 'NOT '}IN (SELECT row FROM ${this.parquet(file)})`;
  }

  orderBy({ sort, descending, byClass }: PairView): string {
    const keys = [`${COLUMN[sort]} ${descending ? 'DESC' : 'ASC'} NULLS LAST`, 'row'];
    if (byClass) keys.unshift('latent_class NULLS LAST');
    return `ORDER BY ${keys.join(', ')}`;
  }
}
