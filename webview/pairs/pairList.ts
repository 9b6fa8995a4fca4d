import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import { moveFocus } from '../dom/moveFocus.js';
import type { PairRow } from '../../server/protocol/pairs.js';
import type { PairColumn } from '../../server/protocol/pairView.js';
import { cssom } from '../dom/cssom.js';
import { cardStyles } from '../grid/cardStyles.js';
import { ScrollMap } from '../grid/scrollMap.js';
import { shared } from '../styles/shared.js';
import { t } from '../text/l10n.js';
import { heading, pairCard, pairLabel, pairCells, tableHead, type Marked } from './cells.js';
import { Layout, moveFrom, type Section, type Stop } from './layout.js';
import { listStyles } from './listStyles.js';
import type { Look } from './look.js';
import type { PairSource } from './pairSource.js';
import { Slots } from './slots.js';

const CARD = { width: 176, rowHeight: 218 };
const TABLE_ROW = 34;
const HEADING = 34;
const PADDING = 12;
/** Rows keep their place while less than this is scrolled: what moves is the element around them. */
const REBASE = 20_000;
/** Beyond what is ever in view; places millions of pixels away are no longer exact. */
const FAR = 50_000;

/** What a list of pairs tells of itself. */
export interface PairListEvents {
  'look-at': CustomEvent<number | null>;
  'open-pair': CustomEvent<void>;
  'close-pair': CustomEvent<void>;
  'fold-class': CustomEvent<number>;
  'sort-by': CustomEvent<PairColumn>;
  'mark-pair': CustomEvent<'in' | 'out'>;
}

/** All pairs of a view as cards or as a table, of which only those in sight exist in the page. */
@customElement('clipcov-pair-list')
export class PairList extends LitElement {
  static override styles = [shared, cardStyles, listStyles];

  @property({ attribute: false }) source!: PairSource;
  @property({ attribute: false }) look!: Look;
  /** Classes with their pairs, where these stand under headings. */
  @property({ attribute: false }) sections: readonly Section[] | null = null;
  @property({ attribute: false }) marked: Marked = () => null;
  /** The pair whose details are shown, by its index. */
  @property({ type: Number }) opened = -1;
  /** Counts what the source has learnt. */
  @property({ type: Number }) version = 0;
  @state() private width = 0;
  @state() private height = 0;
  @state() private offset = 0;
  @state() private active: Stop = { row: 0, column: 0 };
  @query('.scroller') private scroller!: HTMLElement;
  private list = Layout.of(0, { columns: 1, rowHeight: 1, headingHeight: 1 });
  /** Where the scroll bar was put by us: its event is then no news. */
  private placed = 0;
  private focusActive = false;
  private readonly slots = new Slots();
  /** The offset that the places of rows count from. */
  private base = 0;
  private readonly resizes = new ResizeObserver(() => this.measure());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizes.disconnect();
  }

  /** Brings a class to the top, and the focus to its heading. */
  jumpTo(section: number): void {
    const row = this.list.headingRow(section);
    this.active = { row, column: 0 };
    this.focusActive = true;
    this.moveTo(this.list.top(row));
  }

  override focus(): void {
    this.focusActive = true;
    this.requestUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const pair = this.list.rows > 0 ? this.list.pairAt(this.active) : null;
    this.list = this.makeLayout();
    if (changed.has('source')) {
      this.offset = 0;
      this.active = { row: 0, column: 0 };
      if (this.sections === null || this.list.rows < 2) return;
      this.active = { row: 1, column: 0 };
    } else if (pair !== null && pair < this.source.total) this.active = this.list.stopOf(pair);
    const row = Math.max(0, Math.min(this.active.row, this.list.rows - 1));
    if (row !== this.active.row) this.active = { row, column: 0 };
  }

  protected override firstUpdated(): void {
    this.resizes.observe(this.scroller);
    // Not passive: beyond the tallest element the wheel moves the content, not the scroll bar.
    this.scroller.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    this.measure();
  }

  override render(): TemplateResult {
    const { map, look } = this;
    const table = look.layout === 'table';
    const offset = map.clamp(this.offset);
    const shown = this.shownRows(offset);
    const slots = this.slots.assign(shown);
    if (Math.abs(offset - this.base) > REBASE) this.base = Math.round(offset);
    return html`<div
      class="list ${look.layout} ${this.width < 720 ? 'narrow' : ''} ${this.width < 520 ? 'tight' : ''}"
      role="grid"
      aria-label=${t('Pairs')}
      aria-rowcount=${this.list.rows + (table ? 1 : 0)}
      aria-colcount=${table ? 8 : this.columns}
      @keydown=${(event: KeyboardEvent) => this.onKey(event)}
    >
      ${table ? tableHead(look.view, (column) => this.tell('sort-by', column)) : nothing}
      <div class="scroller" role="rowgroup" tabindex="-1" @scroll=${() => this.onScroll()}>
        <div class="spacer" ${cssom({ height: `${map.spacer}px` })}></div>
        <div class="view" ${cssom({ height: `${this.height}px` })}>
          <div class="rows" ${cssom({ transform: `translateY(${this.base - Math.round(offset)}px)` })}>
            ${repeat(
              shown,
              (row) => slots.get(row),
              (row) => this.row(row),
            )}
          </div>
        </div>
      </div>
    </div>`;
  }

  protected override updated(): void {
    const indices: number[] = [];
    for (const row of this.rowsInView(this.map.clamp(this.offset))) {
      const found = this.list.row(row);
      if (found.kind === 'pairs') for (let i = 0; i < found.count; i++) indices.push(found.first + i);
    }
    if (indices.length > 0) this.source.want(indices);
    if (!this.focusActive) return;
    this.focusActive = false;
    moveFocus(this.renderRoot.querySelector<HTMLElement>('.view [tabindex="0"]'), { preventScroll: true });
  }

  private get columns(): number {
    return this.look.layout === 'table' ? 1 : Math.max(1, Math.floor((this.width - 28) / CARD.width));
  }

  private get rowHeight(): number {
    return this.look.layout === 'table' ? TABLE_ROW : CARD.rowHeight;
  }

  private makeLayout(): Layout {
    const sizes = { columns: this.columns, rowHeight: this.rowHeight, headingHeight: HEADING };
    return this.sections ? new Layout(this.sections, sizes, true) : Layout.of(this.source?.total ?? 0, sizes);
  }

  private get map(): ScrollMap {
    return new ScrollMap(this.list.height + (this.look.layout === 'table' ? 0 : PADDING), this.height);
  }

  private rowsInView(offset: number): number[] {
    if (this.list.rows === 0 || this.height === 0) return [];
    const rows: number[] = [];
    const last = this.list.rowAt(offset + this.height - 1);
    for (let row = this.list.rowAt(offset - PADDING); row <= last; row++) rows.push(row);
    return rows;
  }

  /**
   * Rows in view, as many as can be at once, so that scrolling neither makes nor drops any; and the one that holds the focus,
   * which would otherwise be lost by scrolling.
   */
  private shownRows(offset: number): number[] {
    const rows = new Set(this.rowsInView(offset));
    if (rows.size === 0) return [];
    const most = Math.ceil((this.height + PADDING) / this.rowHeight) + 1;
    for (let row = Math.min(...rows); rows.size < most && row < this.list.rows; row++) rows.add(row);
    rows.add(this.active.row);
    return [...rows].sort((a, b) => a - b);
  }

  private row(row: number): TemplateResult {
    const found = this.list.row(row);
    const padding = this.look.layout === 'table' ? 0 : PADDING / 2;
    const y = Math.min(FAR, Math.max(-FAR, this.list.top(row) + padding - this.base));
    const place = { transform: `translateY(${y}px)` };
    const index = row + (this.look.layout === 'table' ? 2 : 1);
    if (found.kind === 'heading') {
      const section = this.sections![found.section]!;
      return html`<div class="row heading" role="row" aria-rowindex=${index} ${cssom(place)}>
        ${heading(section, this.tabindex(row, 0), {
          focus: () => (this.active = { row, column: 0 }),
          fold: () => this.tell('fold-class', found.section),
        })}
      </div>`;
    }
    const { first, count } = found;
    if (this.look.layout === 'table') return this.tableRow(row, index, first, place);
    const columns = { 'grid-template-columns': `repeat(${this.columns}, minmax(0, 1fr))` };
    return html`<div class="row cards" role="row" aria-rowindex=${index} ${cssom({ ...place, ...columns })}>
      ${guard(this.whatShows(row, first, count), () =>
        Array.from({ length: count }, (_, column) => this.card({ row, column }, first + column)),
      )}
    </div>`;
  }

  private tableRow(row: number, index: number, first: number, place: Record<string, string>): TemplateResult {
    const pair = this.source.pair(first);
    return html`<div
      class="row line ${pair?.rank === null ? 'dropped' : ''}"
      role="row"
      aria-rowindex=${index}
      aria-selected=${first === this.opened}
      aria-busy=${pair === undefined}
      tabindex=${this.tabindex(row, 0)}
      @focus=${() => this.activate({ row, column: 0 }, first)}
      @click=${() => this.open({ row, column: 0 }, first)}
      ${cssom(place)}
    >
      ${guard(this.whatShows(row, first, 1), () =>
        pairCells(pair, pair && this.source.thumbnail(pair.id), pair ? this.marked(pair.id) : null),
      )}
    </div>`;
  }

  private card(stop: Stop, index: number): TemplateResult {
    const pair: PairRow | undefined = this.source.pair(index);
    const mark = pair ? this.marked(pair.id) : null;
    return html`<div
      class="card ${pair?.rank === null ? 'dropped' : ''}"
      role="gridcell"
      tabindex=${this.tabindex(stop.row, stop.column)}
      aria-colindex=${stop.column + 1}
      aria-selected=${index === this.opened}
      aria-label=${pair ? pairLabel(pair, mark) : t('Loading')}
      aria-busy=${pair === undefined}
      @focus=${() => this.activate(stop, index)}
      @click=${() => this.open(stop, index)}
    >
      ${pairCard(pair, pair && this.source.thumbnail(pair.id)?.uri, mark)}
    </div>`;
  }

  /** All that the pairs of a row are drawn from: a row that is scrolled only moves. */
  private whatShows(row: number, first: number, count: number): unknown[] {
    const { source, opened, active } = this;
    const own = opened >= first && opened < first + count;
    const values: unknown[] = [
      source,
      row,
      first,
      own ? opened : -1,
      row === active.row ? active.column : -1,
    ];
    for (let index = first; index < first + count; index++) {
      const pair = source.pair(index);
      values.push(pair, pair && source.thumbnail(pair.id)?.uri, pair && this.marked(pair.id));
    }
    return values;
  }

  private tabindex(row: number, column: number): number {
    return row === this.active.row && column === this.active.column ? 0 : -1;
  }

  private activate(stop: Stop, index: number): void {
    this.active = stop;
    this.tell('look-at', index);
  }

  private open(stop: Stop, index: number): void {
    this.activate(stop, index);
    this.tell('open-pair', undefined);
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.scroller;
    if (clientWidth === this.width && clientHeight === this.height) return;
    // Another number of columns moves every pair: the one on top stays on top.
    const row = this.list.rows > 0 ? this.list.rowAt(this.offset) : 0;
    const within = this.list.rows > 0 ? this.offset - this.list.top(row) : 0;
    const pair = this.list.rows > 0 ? this.list.pairAt({ row, column: 0 }) : null;
    this.width = clientWidth;
    this.height = clientHeight;
    const list = this.makeLayout();
    const target = pair === null ? Math.min(row, Math.max(0, list.rows - 1)) : list.stopOf(pair).row;
    if (list.rows > 0) this.moveTo(list.top(target) + within);
  }

  private onScroll(): void {
    const { scrollTop } = this.scroller;
    if (Math.abs(scrollTop - this.placed) < 1) return;
    this.placed = scrollTop;
    this.offset = this.map.toOffset(scrollTop);
  }

  private onWheel(event: WheelEvent): void {
    if (!this.map.scaled || event.ctrlKey) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 40 : 1;
    this.moveTo(this.offset + event.deltaY * unit);
  }

  private moveTo(offset: number): void {
    this.offset = offset;
    void this.updateComplete.then(() => {
      const { map } = this;
      this.offset = map.clamp(this.offset);
      this.scroller.scrollTop = map.toScroll(this.offset);
      this.placed = this.scroller.scrollTop;
    });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || !(event.target as HTMLElement).closest('.view')) return;
    const pair = this.list.rows > 0 ? this.list.pairAt(this.active) : null;
    if (event.key === 'Escape' && this.opened >= 0) return this.tell('close-pair', undefined);
    if (event.key === '+' || event.key === '-') {
      if (pair !== null) this.tell('mark-pair', event.key === '+' ? 'in' : 'out');
      return;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      // A heading's own button folds it.
      if (pair === null) return;
      event.preventDefault();
      return this.open(this.active, pair);
    }
    const target = moveFrom(event.key, event.ctrlKey, this.active, this.list, this.height);
    if (target === null) return;
    event.preventDefault();
    this.active = target;
    this.focusActive = true;
    const top = this.list.top(target.row);
    const height = this.list.heightOf(target.row) + (this.look.layout === 'table' ? 0 : PADDING);
    this.moveTo(this.map.reveal(this.offset, top, height));
  }

  private tell<K extends keyof PairListEvents>(name: K, detail: PairListEvents[K]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
