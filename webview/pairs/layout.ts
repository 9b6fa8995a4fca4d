/** Pairs that stand under one heading. */
export interface Section {
  /** Null for pairs without a class. */
  name: string | null;
  pairs: number;
  picks: number;
  collapsed: boolean;
}

export interface Sizes {
  columns: number;
  rowHeight: number;
  headingHeight: number;
}

/** A row of the list: a heading, or some pairs from an index on. */
export type Row =
  { kind: 'heading'; section: number } | { kind: 'pairs'; section: number; first: number; count: number };

/** A stop of the keyboard: a heading has but one. */
export interface Stop {
  row: number;
  column: number;
}

/** Where headings and pairs stand in a list of any length, under headings or without. */
export class Layout {
  /** Of each section and the end: its first row, the pixels and the pairs above it. */
  private readonly rowStart: number[] = [0];
  private readonly topStart: number[] = [0];
  private readonly pairStart: number[] = [0];

  constructor(
    readonly sections: readonly Section[],
    private readonly sizes: Sizes,
    /** Without headings there is one section. */
    private readonly headings: boolean,
  ) {
    for (const [i, section] of sections.entries()) {
      const rows = this.rowsOf(section);
      this.rowStart.push(this.rowStart[i]! + rows + (headings ? 1 : 0));
      this.topStart.push(this.topStart[i]! + rows * sizes.rowHeight + (headings ? sizes.headingHeight : 0));
      this.pairStart.push(this.pairStart[i]! + section.pairs);
    }
  }

  static of(total: number, sizes: Sizes): Layout {
    return new Layout([{ name: null, pairs: total, picks: 0, collapsed: false }], sizes, false);
  }

  get rows(): number {
    return this.rowStart.at(-1)!;
  }

  get height(): number {
    return this.topStart.at(-1)!;
  }

  row(row: number): Row {
    const section = sectionAt(this.rowStart, row);
    const within = row - this.rowStart[section]! - (this.headings ? 1 : 0);
    if (within < 0) return { kind: 'heading', section };
    const { columns } = this.sizes;
    const first = within * columns;
    const count = Math.min(columns, this.sections[section]!.pairs - first);
    return { kind: 'pairs', section, first: this.pairStart[section]! + first, count };
  }

  top(row: number): number {
    const section = sectionAt(this.rowStart, row);
    const within = row - this.rowStart[section]!;
    const { rowHeight, headingHeight } = this.sizes;
    if (!this.headings) return this.topStart[section]! + within * rowHeight;
    return this.topStart[section]! + (within === 0 ? 0 : headingHeight + (within - 1) * rowHeight);
  }

  heightOf(row: number): number {
    return this.row(row).kind === 'heading' ? this.sizes.headingHeight : this.sizes.rowHeight;
  }

  /** The row at an offset, the nearest one beyond the ends. */
  rowAt(offset: number): number {
    if (this.rows === 0) return 0;
    const section = sectionAt(this.topStart, Math.min(Math.max(0, offset), this.height - 1));
    const within = offset - this.topStart[section]! - (this.headings ? this.sizes.headingHeight : 0);
    const row = Math.floor(within / this.sizes.rowHeight) + (this.headings ? 1 : 0);
    return Math.min(this.rows - 1, Math.max(0, this.rowStart[section]! + Math.max(0, row)));
  }

  /** The stop of a pair; of one that is folded away, its heading. */
  stopOf(pair: number): Stop {
    const section = sectionAt(this.pairStart, pair);
    const { collapsed } = this.sections[section]!;
    const within = pair - this.pairStart[section]!;
    const { columns } = this.sizes;
    if (collapsed) return { row: this.rowStart[section]!, column: 0 };
    const row = this.rowStart[section]! + (this.headings ? 1 : 0) + Math.floor(within / columns);
    return { row, column: within % columns };
  }

  headingRow(section: number): number {
    return this.rowStart[section]!;
  }

  /** The pair at a stop, or null at a heading. */
  pairAt({ row, column }: Stop): number | null {
    const found = this.row(row);
    return found.kind === 'heading' ? null : found.first + Math.min(column, found.count - 1);
  }

  private rowsOf({ pairs, collapsed }: Section): number {
    return collapsed ? 0 : Math.ceil(pairs / this.sizes.columns);
  }
}

/** The last section that starts at or before a place, among those that take any of it. */
function sectionAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, Math.max(0, starts.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a key leads from a stop, or null where it means nothing to a list. */
export function moveFrom(
  key: string,
  ctrl: boolean,
  at: Stop,
  layout: Layout,
  viewport: number,
): Stop | null {
  const last = layout.rows - 1;
  const lengthOf = (row: number): number => {
    const found = layout.row(row);
    return found.kind === 'heading' ? 1 : found.count;
  };
  const to = (row: number, column: number): Stop => {
    const target = Math.min(last, Math.max(0, row));
    return { row: target, column: Math.min(column, lengthOf(target) - 1) };
  };
  const page = (way: 1 | -1): Stop => {
    const target = layout.rowAt(layout.top(at.row) + way * viewport);
    return to(target === at.row ? at.row + way : target, at.column);
  };
  switch (key) {
    case 'ArrowLeft':
      if (at.column > 0) return to(at.row, at.column - 1);
      return at.row > 0 ? to(at.row - 1, Infinity) : at;
    case 'ArrowRight':
      if (at.column < lengthOf(at.row) - 1) return to(at.row, at.column + 1);
      return at.row < last ? to(at.row + 1, 0) : at;
    case 'ArrowUp':
      return to(at.row - 1, at.column);
    case 'ArrowDown':
      return at.row === last ? at : to(at.row + 1, at.column);
    case 'PageUp':
      return page(-1);
    case 'PageDown':
      return page(1);
    case 'Home':
      return ctrl ? to(0, 0) : to(at.row, 0);
    case 'End':
      return ctrl ? to(last, Infinity) : to(at.row, Infinity);
    default:
      return null;
  }
}
