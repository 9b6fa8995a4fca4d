import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { cssom } from '../dom/cssom.js';
import { warningNote } from '../note/note.js';
import { facts, notes, shared } from '../styles/shared.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { card, cardLabel, type CardPair } from './card.js';
import { cardStyles } from './cardStyles.js';
import { gridStyles } from './gridStyles.js';
import { moveBy } from './move.js';
import { pickDetails } from './pickDetails.js';
import { PickSource, type PickQueries } from './pickSource.js';
import { rowsInView, ScrollMap } from './scrollMap.js';

const ROW_HEIGHT = 218;
const CARD_WIDTH = 176;

/** Every pick, in rank order, of which only those in view exist in the page. */
@customElement('clipcov-picks')
export class PicksGrid extends LitElement {
  static override styles = [shared, facts, notes, cardStyles, gridStyles];

  @property({ attribute: false }) queries!: PickQueries;
  /** Names the subset: another one means other picks. */
  @property() subset = '';
  @property({ type: Number }) total = 0;
  @state() private width = 0;
  @state() private height = 0;
  @state() private offset = 0;
  @state() private active = 0;
  @state() private detailed = false;
  @query('.scroller') private scroller!: HTMLElement;
  private source!: PickSource;
  /** Where the scroll bar was put by us: its event is then no news. */
  private placed = 0;
  private focusActive = false;
  private readonly resizes = new ResizeObserver(() => this.measure());

  private get columns(): number {
    return Math.max(1, Math.floor((this.width - 28) / CARD_WIDTH));
  }

  private get rows(): number {
    return Math.ceil(this.total / this.columns);
  }

  private get map(): ScrollMap {
    return new ScrollMap(this.rows * ROW_HEIGHT + 12, this.height);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizes.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('subset') && !changed.has('queries')) return;
    this.source = new PickSource(this.queries, () => this.requestUpdate());
    this.offset = 0;
    this.active = 0;
    this.detailed = false;
  }

  protected override firstUpdated(): void {
    this.resizes.observe(this.scroller);
    // Not passive: beyond the tallest element the wheel moves the content, not the scroll bar.
    this.scroller.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    this.measure();
  }

  override render(): TemplateResult {
    const { map, columns } = this;
    const offset = map.clamp(this.offset);
    const detailed = this.detailed ? this.source.pick(this.active) : undefined;
    return html`<div class="scroller" tabindex="-1" @scroll=${() => this.onScroll()}>
        <div class="spacer" ${cssom({ height: `${map.spacer}px` })}></div>
        <div
          class="view"
          role="grid"
          aria-label=${t('Picks')}
          aria-rowcount=${this.rows}
          aria-colcount=${columns}
          @keydown=${(event: KeyboardEvent) => this.onKey(event)}
          ${cssom({ height: `${this.height}px` })}
        >
          ${repeat(
            this.shownRows(offset),
            (row) => row,
            (row) => this.row(row, offset),
          )}
        </div>
      </div>
      <div>
        ${
          this.source.problem ? html`<div class="problem">${warningNote(this.source.problem)}</div>` : nothing
        }
        ${
          detailed
            ? pickDetails(detailed, this.active + 1, this.source.thumbnail(detailed.id), () =>
                this.closeDetails(),
              )
            : nothing
        }
      </div>`;
  }

  protected override updated(): void {
    const { map, columns } = this;
    if (this.height > 0 && this.total > 0) {
      const { first, last } = rowsInView(map.clamp(this.offset), this.height, ROW_HEIGHT, this.rows);
      this.source.want(first * columns, Math.min(this.total, (last + 1) * columns) - 1);
    }
    if (this.focusActive) {
      this.focusActive = false;
      this.renderRoot.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
    }
  }

  /** Rows in view, and the one that holds the focus, which would otherwise be lost by scrolling. */
  private shownRows(offset: number): number[] {
    if (this.total === 0 || this.height === 0) return [];
    const { first, last } = rowsInView(offset, this.height, ROW_HEIGHT, this.rows);
    const rows = new Set([Math.floor(Math.min(this.active, this.total - 1) / this.columns)]);
    for (let row = first; row <= last; row++) rows.add(row);
    return [...rows].sort((a, b) => a - b);
  }

  private row(row: number, offset: number): TemplateResult {
    const { columns, total } = this;
    // The focused row may be millions of pixels away, where positions are no longer exact.
    const y = Math.min(2 * this.height, Math.max(-2 * this.height, row * ROW_HEIGHT + 6 - offset));
    const cells = Array.from(
      { length: Math.min(columns, total - row * columns) },
      (_, i) => row * columns + i,
    );
    return html`<div
      class="row"
      role="row"
      aria-rowindex=${row + 1}
      ${cssom({ transform: `translateY(${y}px)`, 'grid-template-columns': `repeat(${columns}, minmax(0, 1fr))` })}
    >
      ${cells.map((index) => this.cell(index))}
    </div>`;
  }

  private cell(index: number): TemplateResult {
    const pick = this.source.pick(index);
    const pair: CardPair | null = pick
      ? {
          ...pick,
          clipScore: pick.clipScore ?? 0,
          rank: index + 1,
          thumbnail: this.source.thumbnail(pick.id)?.uri,
        }
      : null;
    return html`<div
      class="card"
      role="gridcell"
      tabindex=${index === this.active ? 0 : -1}
      aria-colindex=${(index % this.columns) + 1}
      aria-selected=${this.detailed && index === this.active}
      aria-label=${pair ? cardLabel(pair) : t('Pick {0}, loading', count(index + 1))}
      aria-busy=${pair === null}
      @focus=${() => (this.active = index)}
      @click=${() => this.showDetails(index)}
    >
      ${pair ? card(pair) : html`<div class="picture"></div>`}
    </div>`;
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.scroller;
    if (clientWidth === this.width && clientHeight === this.height) return;
    // Another number of columns moves every pick: the one on top stays on top.
    const top = Math.floor(this.offset / ROW_HEIGHT) * this.columns;
    const within = this.offset % ROW_HEIGHT;
    this.width = clientWidth;
    this.height = clientHeight;
    this.moveTo(Math.floor(top / this.columns) * ROW_HEIGHT + within);
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
    this.offset = this.map.clamp(offset);
    void this.updateComplete.then(() => {
      this.scroller.scrollTop = this.map.toScroll(this.offset);
      this.placed = this.scroller.scrollTop;
    });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Escape' && this.detailed) return this.closeDetails();
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return this.showDetails(this.active);
    }
    const page = Math.floor(this.height / ROW_HEIGHT);
    const shape = { cells: this.total, columns: this.columns, page };
    const target = moveBy(event.key, event.ctrlKey, this.active, shape);
    if (target === null) return;
    event.preventDefault();
    this.active = target;
    this.focusActive = true;
    const top = Math.floor(target / this.columns) * ROW_HEIGHT;
    this.moveTo(this.map.reveal(this.offset, top, ROW_HEIGHT + 12));
  }

  private showDetails(index: number): void {
    this.active = index;
    this.detailed = true;
  }

  private closeDetails(): void {
    this.detailed = false;
    this.focusActive = true;
  }
}
