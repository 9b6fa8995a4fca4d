import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { moveFocus } from '../dom/moveFocus.js';
import type { SubsetView } from '../../server/protocol/pairs.js';
import type { PairsState } from '../../server/protocol/panel.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import { icon } from '../dom/icon.js';
import type { MapQueries } from '../map/mapData.js';
import type { PointQueries } from '../map/pointLook.js';
import { warningNote } from '../note/note.js';
import { FIRST_LOOK, type Look } from '../pairs/look.js';
import type { PairQueries } from '../pairs/pairSource.js';
import type { PlotQueries } from '../plots/plotsView.js';
import { labelledSets } from '../result/budgetTables.js';
import { notes, shared } from '../styles/shared.js';
import { count, percent, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { subsetStyles } from './subsetStyles.js';

export const TABS = ['pairs', 'map', 'plots', 'summary', 'evaluation'] as const;
export type Tab = (typeof TABS)[number];
const LABELS: Record<Tab, string> = {
  pairs: t('Pairs'),
  map: t('Map'),
  plots: t('Plots'),
  summary: t('Summary'),
  evaluation: t('Evaluation'),
};

/** The one tab whose content takes a job to make: going past it by arrows must not start one. */
const BY_CHOICE: Tab = 'map';

/** A finished subset: its key figures, and three looks at it. */
@customElement('clipcov-subset')
export class SubsetPage extends LitElement {
  static override styles = [shared, notes, subsetStyles];

  @property({ attribute: false }) subset!: SubsetView;
  @property({ attribute: false }) queries!: PairQueries & MapQueries & PointQueries & PlotQueries;
  @property({ attribute: false }) pairs: PairsState | null = null;
  @property({ attribute: false }) look: Look = FIRST_LOOK;
  /** How far a map is that is being made. */
  @property({ attribute: false }) mapping: JobProgress | null = null;
  @property() tab: Tab = 'pairs';
  @property({ type: Boolean }) busy = false;
  /** The tab that has the focus without being chosen. */
  @state() private passed: Tab | null = null;

  override render(): TemplateResult {
    const { warning } = this.subset.proxy;
    return html`${this.strip()}
      ${warning ? html`<div class="weakness">${warningNote(warning)}</div>` : nothing}
      <div
        class="tabs"
        role="tablist"
        aria-label=${t('Subset')}
        @keydown=${(event: KeyboardEvent) => this.onKey(event)}
        @focusout=${() => (this.passed = null)}
      >
        ${TABS.map(
          (tab) =>
            html`<button
              role="tab"
              id="tab-${tab}"
              aria-controls="panel"
              aria-selected=${tab === this.tab}
              tabindex=${tab === (this.passed ?? this.tab) ? 0 : -1}
              @click=${() => this.choose(tab)}
            >
              ${LABELS[tab]}
            </button>`,
        )}
      </div>
      ${this.panel()}`;
  }

  private strip(): TemplateResult {
    const { picks, pairs, classes, proxy, device, exactDuplicates, nearDuplicates } = this.subset;
    const weak = proxy.warning !== null;
    return html`<dl class="strip" aria-label=${t('Key figures')}>
      ${figure(t('Picks'), html`${t('{0} of {1}', count(picks), count(pairs))} <span class="muted">(${percent(picks, pairs)})</span>`)}
      ${figure(t('Classes'), visibleText(classes))}
      <div class=${weak ? 'weak' : ''}>
        <dt>${t('Proxy strength')}</dt>
        <dd>
          ${weak ? icon('warning') : nothing}${weak ? t('AUC {0}, weak', score(proxy.auc)) : t('AUC {0}', score(proxy.auc))}
        </dd>
      </div>
      ${figure(t('Device'), visibleText(device.used))}
      ${figure(
        t('Duplicates left out'),
        nearDuplicates === null
          ? t('{0} exact', count(exactDuplicates))
          : t('{0} exact, {1} near', count(exactDuplicates), count(nearDuplicates)),
        'minor',
      )}
    </dl>`;
  }

  private panel(): TemplateResult {
    const { subset, tab } = this;
    switch (tab) {
      case 'pairs':
        return html`<div class="panel" id="panel" role="tabpanel" aria-labelledby="tab-pairs">
          <clipcov-pairs
            .queries=${this.queries}
            subset=${revision(subset)}
            .all=${subset.pairs}
            .pairs=${this.pairs}
            .look=${this.look}
            .busy=${this.busy}
          ></clipcov-pairs>
        </div>`;
      case 'map':
        return html`<div class="panel" id="panel" role="tabpanel" aria-labelledby="tab-map">
          <clipcov-map
            .queries=${this.queries}
            subset=${revision(subset)}
            .all=${subset.pairs}
            .pairs=${this.pairs}
            .progress=${this.mapping}
          ></clipcov-map>
        </div>`;
      case 'plots':
        return html`<div class="panel page" id="panel" role="tabpanel" aria-labelledby="tab-plots">
          <clipcov-plots
            .queries=${this.queries}
            subset=${revision(subset)}
            .complete=${this.pairs?.complete ?? false}
            .busy=${this.busy}
          ></clipcov-plots>
        </div>`;
      case 'summary':
        return html`<div class="panel page" id="panel" role="tabpanel" aria-labelledby="tab-summary">
          <clipcov-summary .subset=${subset}></clipcov-summary>
        </div>`;
      case 'evaluation':
        return html`<div class="panel page" id="panel" role="tabpanel" aria-labelledby="tab-evaluation">
          ${
            subset.evaluation
              ? html`${labelledSets(subset.evaluation)}<clipcov-evaluation
                    .report=${subset.evaluation}
                  ></clipcov-evaluation>`
              : html`<div class="empty">
                  <p class="muted">
                    ${t('Not evaluated yet: compare it with the baselines at the same budget.')}
                  </p>
                  <vscode-button
                    ?disabled=${this.busy}
                    @click=${() => this.dispatchEvent(new CustomEvent('evaluate'))}
                    >${icon('beaker', 'start')}${t('Evaluate')}</vscode-button
                  >
                </div>`
          }
        </div>`;
    }
  }

  private choose(tab: Tab): void {
    this.dispatchEvent(new CustomEvent<Tab>('choose-tab', { detail: tab }));
  }

  /** A tab is chosen with the focus; the map by Enter or the space bar, which click. */
  private onKey(event: KeyboardEvent): void {
    const at = TABS.indexOf(this.passed ?? this.tab);
    const places: Partial<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: -1,
    };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = TABS[(to + TABS.length) % TABS.length]!;
    if (next !== BY_CHOICE) this.choose(next);
    void this.updateComplete.then(() => {
      moveFocus(this.renderRoot.querySelector<HTMLElement>(`#tab-${next}`));
      this.passed = next === BY_CHOICE ? next : null;
    });
  }
}

/** Tells one state of the picks from another, in which the same file may be saved anew. */
function revision({ path, picks, objective }: SubsetView): string {
  return `${path} ${picks} ${objective.value}`;
}

function figure(name: string, value: TemplateResult | string, importance = ''): TemplateResult {
  return html`<div class=${importance}>
    <dt>${name}</dt>
    <dd dir="auto">${value}</dd>
  </div>`;
}
