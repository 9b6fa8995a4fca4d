import { html, LitElement, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Distributions } from '../../server/protocol/pairs.js';
import { icon } from '../dom/icon.js';
import { warningNote } from '../note/note.js';
import { facts, notes, shared } from '../styles/shared.js';
import { count, evenScore, percent, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { pointAt } from './cut.js';
import { plotsStyles } from './plotsStyles.js';
import { plot, bars, line, scoreBars, shareAt, shareOf, TOP, xOf, yOf } from './shapes.js';

export interface PlotQueries {
  distributions(): Promise<Distributions>;
}

/** How the picks of a subset are spread, and what a smaller budget would have come to. */
@customElement('clipcov-plots')
export class PlotsView extends LitElement {
  static override styles = [shared, facts, notes, plotsStyles];

  @property({ attribute: false }) queries!: PlotQueries;
  /** Names the state of the picks. */
  @property() subset = '';
  /** Whether the table of all pairs is there. */
  @property({ type: Boolean }) complete = false;
  @property({ type: Boolean }) busy = false;
  @state() private found: Distributions | null = null;
  @state() private problem: string | null = null;
  @state() private budget = 0;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('subset') || changed.has('queries') || changed.has('complete')) void this.load();
  }

  override render(): TemplateResult {
    const { found, problem } = this;
    if (problem !== null) return warningNote(problem);
    if (!found) return html`<p class="muted" role="status">${t('Loading…')}</p>`;
    const cut = found.curve.length > 0 ? pointAt(found.curve, this.budget) : null;
    return html`${this.curve(found)}
      <section aria-label=${t('CLIP scores')}>
        <h2>${t('CLIP scores')}</h2>
        ${scoreBars(found.scores, cut)}
        ${
          cut
            ? html`<p class="muted">
                ${t('Of the first {0} picks none has a CLIP score below {1}, where the line is.', count(this.budget), evenScore(cut.lowest))}
              </p>`
            : nothing
        }
      </section>
      ${this.classes(found)} ${this.overlap(found)}
      ${
        found.scores.all === null
          ? html`<p class="muted">
              ${t('Read all pairs in the list of pairs to see them beside the picks.')}
            </p>`
          : nothing
      }`;
  }

  private curve({ curve }: Distributions): TemplateResult | typeof nothing {
    const last = curve.at(-1);
    if (!last) return nothing;
    const most = Math.max(...curve.map(({ gain }) => gain), 1e-9);
    const cut = pointAt(curve, this.budget);
    const x = xOf(this.budget / last.picks);
    const points = curve.map(({ picks, gain }) => ({ x: picks / last.picks, y: Math.max(0, gain / most) }));
    const cutLine = svg`<line class="cut" x1=${x} x2=${x} y1=${TOP} y2=${yOf(0)}></line>
      <circle class="handle" cx=${x} cy=${yOf(Math.max(0, cut.gain / most))} r="5"></circle>`;
    return html`<section aria-label=${t('Gain against the budget')}>
      <h2>${t('Gain against the budget')}</h2>
      <div class="sliding">
        <div
          class="chart"
          @pointerdown=${(event: PointerEvent) => this.grasp(event, last.picks)}
          @pointermove=${(event: PointerEvent) => this.drag(event, last.picks)}
        >
          ${plot(
            svg`${line(points, score(most))}${cutLine}`,
            { x: t('Picks'), y: t('Sum of gains'), from: '0', to: count(last.picks) },
            t('Sum of gains of the first picks, up to {0} picks', count(last.picks)),
          )}
        </div>
        <input
          type="range"
          min="1"
          max=${last.picks}
          .value=${String(this.budget)}
          aria-label=${t('Budget')}
          aria-valuetext=${t('{0} picks', count(this.budget))}
          @input=${(event: Event) => (this.budget = Number((event.target as HTMLInputElement).value))}
        />
      </div>
      <dl class="facts" aria-live="polite">
        ${fact(t('Picks'), shareOf(this.budget, last.picks))}
        ${fact(t('Sum of gains'), `${score(cut.gain)} (${percent(cut.gain, last.gain)})`)}
        ${fact(t('Classes covered'), t('{0} of {1}', count(cut.classes), count(last.classes)))}
        ${fact(t('Mean CLIP score'), evenScore(cut.clipScore))}
      </dl>
      <div>
        <vscode-button
          appearance="secondary"
          title=${t('The picks up to the line become a subset of their own, beside this one')}
          ?disabled=${this.busy || this.budget >= last.picks}
          @click=${() => this.save()}
          >${icon('save', 'start')}${t('Save as Subset…')}</vscode-button
        >
      </div>
    </section>`;
  }

  /** The line comes to where the pointer is, and goes with it; keys move the slider beneath, which is the same. */
  private grasp(event: PointerEvent, picks: number): void {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.drag(event, picks);
  }

  private drag(event: PointerEvent, picks: number): void {
    const chart = event.currentTarget as HTMLElement;
    if (!chart.hasPointerCapture(event.pointerId)) return;
    const share = shareAt(event.clientX, chart.getBoundingClientRect());
    this.budget = Math.max(1, Math.round(share * picks));
  }

  private save(): void {
    this.dispatchEvent(new CustomEvent('cut', { detail: this.budget, bubbles: true, composed: true }));
  }

  private classes({ classes }: Distributions): TemplateResult {
    const sum = (of: 'all' | 'picked'): number => classes.reduce((total, one) => total + (one[of] ?? 0), 0);
    const [all, picked] = [Math.max(1, sum('all')), Math.max(1, sum('picked'))];
    return html`<section aria-label=${t('Class shares')}>
      <h2>${t('Class shares')}</h2>
      ${bars(
        [t('Class'), t('Share of all, of picks'), t('All pairs'), t('Picks')],
        classes.map((one) => ({
          name: one.name ?? t('Other classes'),
          shares: [one.all === null ? null : one.all / all, one.picked / picked],
          numbers: [one.all === null ? '–' : shareOf(one.all, all), shareOf(one.picked, picked)],
        })),
      )}
    </section>`;
  }

  private overlap({ overlap: { names, parts } }: Distributions): TemplateResult | typeof nothing {
    if (names.length < 2) return nothing;
    const most = Math.max(...parts.map(({ pairs }) => pairs), 1);
    return html`<section aria-label=${t('Picked by which subset')}>
      <h2>${t('Picked by which subset')}</h2>
      ${bars(
        [t('Only by'), t('Pairs'), t('Number')],
        parts.map(({ of, pairs }) => ({
          name: of.map((i) => names[i]!).join(' ∩ '),
          shares: [pairs / most],
          numbers: [count(pairs)],
        })),
      )}
    </section>`;
  }

  private async load(): Promise<void> {
    const { subset, queries } = this;
    try {
      const found = await queries.distributions();
      if (this.subset !== subset) return;
      this.found = found;
      this.problem = null;
      this.budget = found.curve.at(-1)?.picks ?? 0;
    } catch (error) {
      if (this.subset === subset) this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

function fact(name: string, value: string): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd class="number">${value}</dd>
  </div>`;
}
