import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { moveFocus } from '../dom/moveFocus.js';
import type { Explanation, Neighbour, PairRow, Thumbnail } from '../../server/protocol/pairs.js';
import type { PairMark } from '../../server/protocol/panel.js';
import { icon } from '../dom/icon.js';
import { count, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { facts, shared } from '../styles/shared.js';
import { LEFT_LABELS, MARK_LABELS } from './cells.js';
import { detailStyles } from './detailStyles.js';
import type { PairQueries } from './pairSource.js';
import { termsBar } from './termsBar.js';

/** Whoever goes through pairs quickly asks why of none of them. */
const DWELL_MS = 350;

/** One pair in full: its image, its terms, its neighbours, and why it was picked or not. */
@customElement('clipcov-pair')
export class PairDetail extends LitElement {
  static override styles = [shared, facts, detailStyles];

  @property({ attribute: false }) pair!: PairRow;
  @property({ attribute: false }) queries!: PairQueries;
  @property({ attribute: false }) mark: PairMark | null = null;
  @state() private picture: Thumbnail | null = null;
  @state() private explanation: Explanation | null = null;
  @state() private problem: string | null = null;
  @state() private neighbours = new Map<number, { pair: PairRow | undefined; uri: string | null }>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.timer) clearTimeout(this.timer);
  }

  /** To the heading, which tells the pair. */
  override focus(): void {
    moveFocus(this.renderRoot.querySelector<HTMLElement>('h2'));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('pair');
    if (!changed.has('pair') || (before && before.id === this.pair.id && before.rank === this.pair.rank))
      return;
    this.picture = null;
    this.explanation = null;
    this.problem = null;
    this.neighbours = new Map();
    if (this.timer) clearTimeout(this.timer);
    const { id } = this.pair;
    void this.look(id);
    this.timer = setTimeout(() => void this.explain(id), DWELL_MS);
  }

  override render(): TemplateResult {
    const { pair } = this;
    const { id, caption, image, rank } = pair;
    return html`<section
      class="detail"
      aria-label=${rank === null ? t('Pair in row {0}', count(id)) : t('Pick {0}', count(rank + 1))}
    >
      <div class="top">
        <h2 tabindex="-1">${rank === null ? t('Not picked') : t('Pick {0}', count(rank + 1))}</h2>
        <vscode-button
          appearance="icon"
          aria-label=${t('Close details')}
          @click=${() => this.tell('close-pair')}
          >${icon('close')}</vscode-button
        >
      </div>
      <div class="image">
        ${
          this.picture?.uri
            ? html`<img src=${this.picture.uri} alt="" />`
            : html`<p class="muted" dir="auto">
                ${this.picture ? visibleText(this.picture.reason ?? t('No image')) : t('Loading…')}
              </p>`
        }
      </div>
      <p class="caption" dir="auto">${caption === null ? t('No caption') : visibleText(caption)}</p>
      ${image === null ? nothing : html`<p class="path">${visibleText(image)}</p>`}
      <div class="actions">
        ${this.toggle('in', t('Force In'), '+')} ${this.toggle('out', t('Force Out'), '-')}
        ${
          image === null
            ? nothing
            : html`<vscode-button appearance="secondary" @click=${() => this.tell('reveal-pair')}
                >${icon('file', 'start')}${t('Reveal File')}</vscode-button
              >`
        }
      </div>
      ${this.facts(pair)} ${this.why()}
    </section>`;
  }

  private toggle(mark: PairMark, label: string, key: string): TemplateResult {
    const pressed = this.mark === mark;
    return html`<button
      type="button"
      class="mark"
      aria-pressed=${pressed}
      aria-keyshortcuts=${key}
      title=${t('{0} at the next selection; in the list: {1}', label, key)}
      @click=${() => this.tell('mark-pair', mark)}
    >
      ${icon(mark === 'in' ? 'add' : 'remove')}${label}
      ${pressed ? html`<span class="unseen">${MARK_LABELS[mark]}</span>` : nothing}
    </button>`;
  }

  private facts({ id, latentClass, gain, clipScore, terms, left }: PairRow): TemplateResult {
    const figures: [string, number | null | undefined][] = [
      [t('Gain'), gain],
      [t('CLIP score'), clipScore],
      [t('Cross'), terms?.cross],
      [t('Label'), terms?.label],
      [t('Inter'), terms?.inter],
    ];
    return html`<dl class="facts">
      <div>
        <dt>${t('Class')}</dt>
        <dd dir="auto">
          ${
            latentClass === null
              ? (left && LEFT_LABELS[left]) || '–'
              : html`<button type="button" class="link" @click=${() => this.tell('only-class', latentClass)}>
                  ${visibleText(latentClass)}
                </button>`
          }
        </dd>
      </div>
      ${figures
        .filter((figure): figure is [string, number] => typeof figure[1] === 'number')
        .map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd class="number">${score(value)}</dd>
            </div>`,
        )}
      <div>
        <dt>${t('Row')}</dt>
        <dd class="number">${count(id)}</dd>
      </div>
    </dl>`;
  }

  private why(): TemplateResult {
    const { explanation } = this;
    if (!explanation)
      return html`<div class="why">
        <h3>${t('Why')}</h3>
        <p class="muted" role="status">
          ${this.problem === null ? html`${icon('loading')} ${t('Working out why…')}` : visibleText(this.problem)}
        </p>
      </div>`;
    const { gain, reason, neighbours } = explanation;
    return html`<div class="why">
        <h3>${t('Why')}</h3>
        <p dir="auto">${visibleText(reason)}</p>
        ${gain ? termsBar(gain) : nothing}
      </div>
      ${this.neighbourList(t('Most alike among the picks'), neighbours.picked)}
      ${this.neighbourList(t('Most alike, not picked'), neighbours.dropped)}`;
  }

  private neighbourList(title: string, neighbours: readonly Neighbour[]): TemplateResult | typeof nothing {
    if (neighbours.length === 0) return nothing;
    return html`<div class="why">
      <h3>${title}</h3>
      <ul class="neighbours">
        ${neighbours.map(({ id, cosine }) => {
          const known = this.neighbours.get(id);
          const text = known?.pair?.caption;
          const name = text ? visibleText(text) : t('Pair in row {0}', count(id));
          return html`<li>
            <button
              type="button"
              title=${name}
              aria-label=${t('{0}, cosine {1}', name, score(cosine))}
              @click=${() => this.tell('show-pair', known?.pair)}
              ?disabled=${!known?.pair}
            >
              ${known?.uri ? html`<img src=${known.uri} alt="" />` : html`<span class="empty">${icon('image')}</span>`}
              <span class="number">${score(cosine)}</span>
            </button>
          </li>`;
        })}
      </ul>
    </div>`;
  }

  private async look(id: number): Promise<void> {
    const [picture] = await this.queries
      .thumbnails([id], 'large')
      .catch((error: Error) => [{ id, uri: null, reason: error.message }]);
    if (this.pair.id === id) this.picture = picture ?? { id, uri: null };
  }

  private async explain(id: number): Promise<void> {
    try {
      const explanation = await this.queries.explain(id);
      if (this.pair.id !== id) return;
      this.explanation = explanation;
      const { picked, dropped } = explanation.neighbours;
      const ids = [...picked, ...dropped].map((one) => one.id);
      if (ids.length === 0) return;
      const [pairs, thumbnails] = await Promise.all([this.queries.pairs(ids), this.queries.thumbnails(ids)]);
      if (this.pair.id !== id) return;
      const [byId, uris] = [
        new Map(pairs.map((pair) => [pair.id, pair])),
        new Map(thumbnails.map((one) => [one.id, one.uri])),
      ];
      this.neighbours = new Map(
        ids.map((other) => [other, { pair: byId.get(other), uri: uris.get(other) ?? null }]),
      );
    } catch (error) {
      if (this.pair.id === id) this.problem = (error as Error).message;
    }
  }

  private tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
