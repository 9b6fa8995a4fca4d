import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { PairClass, PairRow } from '../../server/protocol/pairs.js';
import type { PairView } from '../../server/protocol/pairView.js';
import type { PairMark, PairsState, PanelCommand } from '../../server/protocol/panel.js';
import { warningNote } from '../note/note.js';
import { notes, shared } from '../styles/shared.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { filters } from './filters.js';
import { marksBar, missingTermsBar, nothingFound, readPrompt, sectionBar } from './bars.js';
import type { Section } from './layout.js';
import { conditionsOf, FIRST_LOOK, needsAllPairs, sortedBy, withCondition, type Look } from './look.js';
import { marksOf, pressedMark } from './marks.js';
import type { PairDetail } from './pairDetail.js';
import type { PairList } from './pairList.js';
import { PairSource, thumbnailCache, type PairQueries } from './pairSource.js';
import { pairsStyles } from './pairsStyles.js';
import { toolbar } from './toolbar.js';

/** Whoever types is asked for no answer to half a word. */
const TYPING_MS = 250;

/** The pairs of a subset's dataset: which, in what order, one in full, and what is to become of them. */
@customElement('clipcov-pairs')
export class PairsPage extends LitElement {
  static override styles = [shared, notes, pairsStyles];

  @property({ attribute: false }) queries!: PairQueries;
  /** Names the subset as it is: another one means other pairs. */
  @property() subset = '';
  /** Pairs of the dataset. */
  @property({ type: Number }) all = 0;
  @property({ attribute: false }) pairs: PairsState | null = null;
  @property({ attribute: false }) look: Look = FIRST_LOOK;
  @property({ type: Boolean }) busy = false;
  @state() private source: PairSource | null = null;
  @state() private sections: Section[] | null = null;
  @state() private classes: PairClass[] | null = null;
  @state() private failed: string | null = null;
  @state() private filtersOpen = false;
  @state() private shown: PairRow | null = null;
  @state() private opened = -1;
  @state() private version = 0;
  @query('clipcov-pair-list') private list!: PairList | null;
  private pictures = thumbnailCache();
  /** The index of the pair that has the focus. */
  private current = 0;
  private ticket = 0;
  private typing: ReturnType<typeof setTimeout> | null = null;

  private get complete(): boolean {
    return this.pairs?.complete ?? false;
  }

  /** Whether what is asked for is not known yet. */
  private get lacks(): boolean {
    return needsAllPairs(this.look.view) && !this.complete;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('pairs');
    const isOther = changed.has('subset') || changed.has('queries');
    const completed = changed.has('pairs') && (before?.complete ?? false) !== this.complete;
    if (isOther) {
      this.pictures = thumbnailCache();
      this.closeDetails(false);
    }
    if (isOther || completed) this.classes = null;
    const needed = completed && (this.lacks || needsAllPairs(this.look.view) || this.look.layout === 'table');
    if (isOther || needed || changed.has('look')) void this.load();
  }

  override render(): TemplateResult {
    const { look, pairs } = this;
    return html`${toolbar(look, this.filtersOpen, {
        layout: (layout) => this.change({ ...look, layout }),
        view: (view) => this.view(view),
        search: (text) => this.search(text),
        filters: () => this.toggleFilters(),
      })}
      ${
        this.filtersOpen
          ? filters(look.view.where, this.classes ?? [], pairs?.others ?? [], (where) =>
              this.view({ ...look.view, where }),
            )
          : nothing
      }
      ${
        look.view.byClass && this.sections && !this.lacks
          ? sectionBar(this.sections, {
              jump: (section) => this.list?.jumpTo(section),
              fold: (collapsed) => this.foldAll(collapsed),
            })
          : nothing
      }
      ${
        pairs && look.layout === 'table' && !this.lacks
          ? missingTermsBar(pairs, this.all, (command) => this.command(command))
          : nothing
      }
      ${marksBar(pairs?.marks ?? { in: [], out: [] }, this.busy, (command) => this.command(command))}
      <p class="unseen" role="status">${this.status()}</p>
      <div class="body ${this.shown ? 'detailed' : ''}">
        <div class="pairs">${this.content()}</div>
        ${this.shown ? this.details(this.shown) : nothing}
      </div>`;
  }

  private content(): TemplateResult {
    const { source, pairs, look } = this;
    if (this.lacks && pairs) return readPrompt(pairs, this.all, (command) => this.command(command));
    const problem = this.failed ?? source?.problem;
    if (!source || this.lacks)
      return problem
        ? html`<div class="problem">${warningNote(problem)}</div>`
        : html`<p class="waiting muted">${t('Loading…')}</p>`;
    return html`${problem ? html`<div class="problem">${warningNote(problem)}</div>` : nothing}
    ${
      source.total === 0
        ? nothingFound(conditionsOf(look.view.where) > 0, () =>
            this.view({ ...look.view, where: withCondition({}, 'selected', look.view.where.selected) }),
          )
        : html`<clipcov-pair-list
            .source=${source}
            .look=${look}
            .sections=${this.sections}
            .version=${this.version}
            .opened=${this.opened}
            .marked=${marksOf(pairs)}
            @look-at=${({ detail }: CustomEvent<number>) => this.lookAt(detail)}
            @open-pair=${() => this.openDetails()}
            @close-pair=${() => this.closeDetails(true)}
            @fold-class=${({ detail }: CustomEvent<number>) => this.fold(detail)}
            @sort-by=${({ detail }: CustomEvent<PairView['sort']>) => this.view(sortedBy(look.view, detail))}
            @mark-pair=${({ detail }: CustomEvent<PairMark>) => this.markPair(detail)}
          ></clipcov-pair-list>`
    }`;
  }

  private details(pair: PairRow): TemplateResult {
    return html`<clipcov-pair
      .pair=${pair}
      .queries=${this.queries}
      .mark=${marksOf(this.pairs)(pair.id)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Escape') this.closeDetails(true);
      }}
      @close-pair=${() => this.closeDetails(true)}
      @mark-pair=${({ detail }: CustomEvent<PairMark>) => this.mark(pair.id, detail)}
      @reveal-pair=${() => this.tell('reveal', pair.id)}
      @only-class=${({ detail }: CustomEvent<string>) =>
        this.view({ ...this.look.view, where: { ...this.look.view.where, classes: [detail] } })}
      @show-pair=${({ detail }: CustomEvent<PairRow>) => this.showNeighbour(detail)}
    ></clipcov-pair>`;
  }

  private status(): string {
    const { reading } = this.pairs ?? {};
    if (reading) return t('Reading all pairs.');
    if (!this.source || this.lacks) return '';
    const { total } = this.source;
    return total === 1 ? t('1 pair') : t('{0} pairs', count(total));
  }

  /** What was there stays until the first of the new pairs are. */
  private async load(): Promise<void> {
    const ticket = ++this.ticket;
    if (this.lacks) return;
    const { queries, look } = this;
    const terms = look.layout === 'table' && this.complete;
    const source = new PairSource(queries, look.view, terms, this.pictures, () => this.version++);
    try {
      const [classes] = await Promise.all([
        look.view.byClass ? queries.classes(look.view.where) : null,
        source.open(),
      ]);
      if (ticket !== this.ticket) return;
      this.source = source;
      this.sections = classes && classes.map((one) => ({ ...one, collapsed: false }));
      this.failed = null;
      if (this.opened >= 0) this.closeDetails(false);
    } catch (error) {
      if (ticket === this.ticket) this.failed = error instanceof Error ? error.message : String(error);
    }
  }

  private search(text: string): void {
    if (this.typing) clearTimeout(this.typing);
    this.typing = setTimeout(() => {
      const { view } = this.look;
      this.view({ ...view, where: withCondition(view.where, 'search', text === '' ? undefined : text) });
    }, TYPING_MS);
  }

  private toggleFilters(): void {
    this.filtersOpen = !this.filtersOpen;
    if (!this.filtersOpen || this.classes) return;
    this.queries.classes({}).then(
      (classes) => (this.classes = classes),
      (error: Error) => (this.failed = error.message),
    );
  }

  private fold(section: number): void {
    this.sections = this.sections!.map((one, i) =>
      i === section ? { ...one, collapsed: !one.collapsed } : one,
    );
  }

  private foldAll(collapsed: boolean): void {
    this.sections = this.sections!.map((one) => ({ ...one, collapsed }));
  }

  private lookAt(index: number): void {
    this.current = index;
    if (this.shown) this.openDetails();
  }

  private openDetails(): void {
    const pair = this.source?.pair(this.current);
    if (!pair) return;
    this.shown = pair;
    this.opened = this.current;
  }

  /** What was pressed goes with the pair that it belonged to; the focus does not. */
  private showNeighbour(pair: PairRow): void {
    this.shown = pair;
    this.opened = -1;
    void this.updateComplete.then(() => this.renderRoot.querySelector<PairDetail>('clipcov-pair')?.focus());
  }

  private closeDetails(focus: boolean): void {
    this.shown = null;
    this.opened = -1;
    if (focus) this.list?.focus();
  }

  private markPair(mark: PairMark): void {
    const pair = this.source?.pair(this.current);
    if (pair) this.mark(pair.id, mark);
  }

  private mark(id: number, mark: PairMark): void {
    this.tell('mark', pressedMark(this.pairs, id, mark));
  }

  private view(view: PairView): void {
    this.change({ ...this.look, view });
  }

  private change(look: Look): void {
    this.tell('change-look', look);
  }

  private command(command: PanelCommand): void {
    this.tell('command', command);
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
