import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { PairFilter, ProjectionKind } from '../../server/protocol/pairView.js';
import type { PairsState } from '../../server/protocol/panel.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import { icon } from '../dom/icon.js';
import { infoNote, warningNote } from '../note/note.js';
import { pressedMark } from '../pairs/marks.js';
import type { PairDetail } from '../pairs/pairDetail.js';
import type { PairQueries } from '../pairs/pairSource.js';
import { dropdown } from '../setup/fields.js';
import { notes, shared } from '../styles/shared.js';
import { t } from '../text/l10n.js';
import { colourChoices, PROJECTION_LABELS } from './choices.js';
import { colouring, pairText, type ColourBy, type Colouring } from './colouring.js';
import { legend } from './legend.js';
import { loadMap, loadOther, type MapData, type MapQueries } from './mapData.js';
import type { MapStage } from './mapStage.js';
import { mapStyles } from './mapStyles.js';
import { pointCaption, pointCard } from './pointCard.js';
import { pointDetails, type OpenedPoint, type PointActs } from './pointDetails.js';
import { PointLook, type PointQueries } from './pointLook.js';
import { pointStyles } from './pointStyles.js';
import { progressNote } from './progressNote.js';
import { themePalette } from './themeColours.js';
import { remark, withinText } from './remarks.js';

/** All pairs of a dataset as points: where they lie, which are picked, and what else tells them apart. */
@customElement('clipcov-map')
export class MapView extends LitElement {
  static override styles = [shared, notes, mapStyles, pointStyles];

  @property({ attribute: false }) queries!: MapQueries & PointQueries & PairQueries;
  /** Names the state of the picks: another one is another map. */
  @property() subset = '';
  /** Pairs of the dataset. */
  @property({ type: Number }) all = 0;
  @property({ attribute: false }) pairs: PairsState | null = null;
  /** How far a map is that is being made. */
  @property({ attribute: false }) progress: JobProgress | null = null;
  @state() private by: ProjectionKind = 'pca';
  @state() private colourBy: ColourBy = 'picked';
  @state() private data: MapData | null = null;
  @state() private colours: Colouring | null = null;
  @state() private palette: Float32Array = new Float32Array(0);
  @state() private without: ReadonlySet<number> = new Set();
  @state() private problem: string | null = null;
  @state() private loading = false;
  @state() private supported = true;
  @state() private lassoing = false;
  /** Corners of what was gone around. */
  @state() private taken: number[] | null = null;
  @state() private found = -1;
  @state() private opened: OpenedPoint | null = null;
  /** The row that is being opened, or was last. */
  private opening = -1;
  private points: PointLook | null = null;
  @query('clipcov-map-stage') private stage!: MapStage | null;
  /** VS Code changes the class of the page's body when its theme does. */
  private readonly themes = new MutationObserver(() => (this.palette = themePalette(this)));

  override connectedCallback(): void {
    super.connectedCallback();
    this.palette = themePalette(this);
    this.themes.observe(document.body, { attributes: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.themes.disconnect();
    this.points?.stop();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has('subset') || changed.has('queries');
    const completed = changed.has('pairs') && changed.get('pairs')?.complete !== this.pairs?.complete;
    if (isOther) void this.load(this.by);
    if (!isOther && !completed) return;
    // What a point is may be known by now, or be another pair.
    this.points?.stop();
    this.points = new PointLook(this.queries, () => this.requestUpdate());
    if (isOther) this.opened = null;
    else if (this.opened?.pair === null) void this.open(this.opened.row);
  }

  override render(): TemplateResult {
    const { data, problem, loading } = this;
    if (!this.supported)
      return html`<div class="waiting">
        ${infoNote(t('The map is drawn with WebGL 2, which this window does not have. Turn hardware acceleration on, or allow it in software, and open the panel again.'))}
      </div>`;
    return html`${this.toolbar()}
    ${problem === null ? nothing : html`<div class="waiting">${warningNote(problem)} ${this.again()}</div>`}
    ${loading ? progressNote(this.progress, () => this.queries.cancelMap()) : nothing}
    ${data && !loading ? this.map(data) : nothing}`;
  }

  private again(): TemplateResult {
    return html`<vscode-button appearance="secondary" @click=${() => void this.load(this.by)}
      >${icon('refresh', 'start')}${t('Try Again')}</vscode-button
    >`;
  }

  private toolbar(): TemplateResult {
    const disabled = !this.data || this.loading;
    return html`<div class="bar">
      ${dropdown<ProjectionKind>({
        ...{ name: 'projection', label: t('Projection'), value: this.by, choices: PROJECTION_LABELS },
        onChange: (by) => void this.load(by),
      })}
      ${dropdown<ColourBy>({
        ...{ name: 'colour', label: t('Colour'), value: this.colourBy },
        choices: colourChoices(this.data?.view.others ?? []),
        onChange: (by) => void this.colourFor(by),
      })}
      <div class="buttons">
        <vscode-button
          appearance=${this.lassoing ? 'primary' : 'secondary'}
          aria-pressed=${this.lassoing}
          ?disabled=${disabled}
          title=${t('Draw around pairs with the mouse; holding Shift does the same')}
          @click=${() => (this.lassoing = !this.lassoing)}
          >${t('Lasso')}</vscode-button
        >
        <vscode-button
          appearance="secondary"
          ?disabled=${disabled}
          @click=${() => this.stage?.take(this.stage.corners)}
          >${t('Take What Is in View')}</vscode-button
        >
        <vscode-button appearance="secondary" ?disabled=${disabled} @click=${() => this.stage?.fit()}
          >${t('Show All')}</vscode-button
        >
      </div>
    </div>`;
  }

  private map(data: MapData): TemplateResult {
    const { colours, palette, without } = this;
    if (!colours) return html``;
    return html`<div class="lower">
        <clipcov-map-stage
          .data=${data}
          .colours=${colours}
          .palette=${palette}
          .without=${without}
          .lassoing=${this.lassoing}
          .opened=${this.opened?.row ?? -1}
          @look=${({ detail }: CustomEvent<number>) => this.look(detail)}
          @open-point=${({ detail }: CustomEvent<number>) => void this.open(detail)}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key === 'Escape' && !event.defaultPrevented) this.acts.close();
          }}
          @take=${({ detail }: CustomEvent<number[] | null>) => this.take(detail)}
          @unsupported=${() => (this.supported = false)}
          >${this.found >= 0 ? pointCard(this.points?.at(this.found), pairText(data, this.found)) : nothing}</clipcov-map-stage
        >
        ${
          this.opened
            ? html`<aside class="details" aria-label=${t('Details')}>
                ${pointDetails(this.opened, this.pairs, this.all, this.queries, this.acts)}
              </aside>`
            : html`<aside aria-label=${t('Legend')}>
                ${legend(colours.legend, palette, without, (entry) => this.toggle(entry))}
                <p class="remark muted">${remark(data)}</p>
              </aside>`
        }
      </div>
      ${this.status(data)}`;
  }

  private status(data: MapData): TemplateResult {
    const { found, taken } = this;
    return html`<div class="status">
      <span role="status" dir="auto"
        >${found >= 0 ? this.said(data, found) : taken ? withinText(data, taken) : t('Point at a pair to see what it is.')}</span
      >
      ${
        taken
          ? html`<div class="actions">
              <vscode-button @click=${() => this.showPairs(taken)}>${t('Show These Pairs')}</vscode-button>
              <vscode-button appearance="secondary" @click=${() => this.stage?.take(null)}
                >${t('Clear')}</vscode-button
              >
            </div>`
          : nothing
      }
    </div>`;
  }

  private said(data: MapData, row: number): string {
    const caption = pointCaption(this.points?.at(row));
    return [pairText(data, row), caption].filter(Boolean).join(' · ');
  }

  private look(row: number): void {
    this.found = row;
    this.points?.rest(row);
  }

  /** Shows the pair of a point in full. */
  private async open(row: number): Promise<void> {
    const { points } = this;
    if (!points) return;
    this.opening = row;
    const found = await points.find(row).then(
      (pair): OpenedPoint => ({ row, pair, problem: null }),
      (error: Error): OpenedPoint => ({ row, pair: null, problem: error.message }),
    );
    if (this.points === points && this.opening === row) this.opened = found;
  }

  private readonly acts: PointActs = {
    close: () => {
      this.opening = -1;
      if (!this.opened) return;
      this.opened = null;
      this.stage?.focus();
    },
    mark: (id, mark) => this.tell('mark', pressedMark(this.pairs, id, mark)),
    reveal: (id) => this.tell('reveal', id),
    onlyClass: (name) => this.tell('show-pairs', { classes: [name] } satisfies PairFilter),
    show: (pair) => {
      this.opening = -1;
      this.opened = { row: -1, pair, problem: null };
      void this.updateComplete.then(() => this.renderRoot.querySelector<PairDetail>('clipcov-pair')?.focus());
    },
    command: (command) => this.tell('command', command),
  };

  private async load(by: ProjectionKind): Promise<void> {
    const before = this.by;
    const { subset, queries } = this;
    this.by = by;
    this.loading = true;
    this.problem = null;
    const isLatest = (): boolean => this.subset === subset && this.queries === queries && this.by === by;
    try {
      const data = await loadMap(queries, by);
      if (!isLatest()) return;
      this.data = data;
      this.taken = null;
      this.found = -1;
      this.opened = null;
      this.loading = false;
      const isThere = (otherOf(this.colourBy) ?? -1) < data.view.others.length;
      await this.colourFor(isThere ? this.colourBy : 'picked');
    } catch (error) {
      if (!isLatest()) return;
      this.loading = false;
      this.problem = error instanceof Error ? error.message : String(error);
      // The map that was there is still good.
      if (this.data) this.by = before;
    }
  }

  private async colourFor(by: ColourBy): Promise<void> {
    const { data } = this;
    this.colourBy = by;
    if (!data) return;
    const place = otherOf(by);
    const other = place === null ? null : await loadOther(this.queries, data.view, place);
    if (this.data !== data || this.colourBy !== by) return;
    this.without = new Set();
    this.colours = colouring(data, by, other);
  }

  private toggle(entry: number): void {
    const without = new Set(this.without);
    if (!without.delete(entry)) without.add(entry);
    this.without = without;
  }

  /** Whoever lists pairs is told which part of the map is meant. */
  private showPairs(taken: number[]): void {
    this.tell('show-pairs', { within: { by: this.by, corners: taken } } satisfies PairFilter);
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private take(corners: number[] | null): void {
    this.taken = corners;
    this.lassoing = false;
  }
}

/** The place of the subset that colours compare with, or null. */
function otherOf(by: ColourBy): number | null {
  return by.startsWith('other-') ? Number(by.slice('other-'.length)) : null;
}
