import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { QualityFinding, QualityPair, QualityReport } from '../../server/protocol/quality.js';
import { icon } from '../dom/icon.js';
import { infoNote } from '../note/note.js';
import { facts, notes, shared } from '../styles/shared.js';
import { count, percent, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { resultStyles } from './resultStyles.js';

/** Pairs of a finding that are shown; the file beside the report names all. */
const MOST_PAIRS = 500;

type Dimension = QualityFinding['dimension'];
/** In the order a report shows them. The contract's own list would bring its schemas into the page. */
const DIMENSION_LABELS: Record<Dimension, string> = {
  completeness: t('Completeness'),
  correctness: t('Correctness'),
  consistency: t('Consistency'),
  uniqueness: t('Uniqueness'),
  balance: t('Balance'),
};

/** What may be wrong with the pairs of a dataset; what is ticked can be left out of a selection. */
@customElement('clipcov-findings')
export class FindingsView extends LitElement {
  static override styles = [shared, facts, notes, resultStyles];

  @property({ attribute: false }) report!: QualityReport;
  @property({ attribute: false }) listed: { finding: string; pairs: QualityPair[] } | null = null;
  @property({ type: Boolean }) busy = false;
  /** Kept by the page, which outlives being hidden. */
  @property({ attribute: false }) ticked: readonly string[] = [];

  override render(): TemplateResult {
    const { report, listed } = this;
    const chosen = report.findings
      .filter(({ id, count: pairs }) => pairs > 0 && this.ticked.includes(id))
      .map(({ id }) => id);
    return html`${infoNote(t('Each check says what to look at, not what to remove: scores, near duplicates and classes are how the model sees them.'))}
      ${this.figures()}
      ${(Object.keys(DIMENSION_LABELS) as Dimension[]).map((dimension) =>
        this.section(
          dimension,
          report.findings.filter((finding) => finding.dimension === dimension),
        ),
      )}
      <div class="actions">
        <vscode-button ?disabled=${chosen.length === 0} @click=${() => this.fire('select-without', chosen)}
          >${icon('settings', 'start')}${t('Select Without the Ticked…')}</vscode-button
        >
      </div>
      ${listed ? this.pairs(listed.finding, listed.pairs) : nothing}`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    // They stand below all findings: whoever asked for them sees them.
    if (changed.has('listed') && this.listed)
      this.renderRoot.querySelector('#listed')?.scrollIntoView({ block: 'start' });
  }

  private figures(): TemplateResult {
    const { dataset, clipScore, classes, clusters } = this.report;
    const fact = (name: string, value: string): TemplateResult =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`;
    return html`<dl class="facts">
      ${fact(t('Pairs'), t('{0}, of which {1} are embedded', count(dataset.pairs), count(dataset.embedded)))}
      ${fact(t('CLIP score'), t('median {0}, by chance {1}', score(clipScore.median), score(clipScore.chance)))}
      ${fact(t('Classes used'), t('{0} of {1}, as even as {2} equal ones', count(classes.used), count(classes.classes), count(classes.effective)))}
      ${fact(t('Near duplicates'), t('{0} clusters, the largest of {1} pairs', count(clusters.count), count(clusters.largest)))}
    </dl>`;
  }

  private section(
    dimension: Dimension,
    findings: readonly QualityFinding[],
  ): TemplateResult | typeof nothing {
    if (findings.length === 0) return nothing;
    return html`<section>
      <h2>${DIMENSION_LABELS[dimension]}</h2>
      <table class="findings" aria-label=${DIMENSION_LABELS[dimension]}>
        <thead>
          <tr>
            <th scope="col">${t('Leave out')}</th>
            <th scope="col">${t('Finding')}</th>
            <th scope="col" class="number">${t('Pairs')}</th>
            <th scope="col" class="number">${t('Share')}</th>
            <th scope="col"><span class="unseen">${t('Show')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${findings.map((finding) => this.finding(finding))}
        </tbody>
      </table>
    </section>`;
  }

  private finding({ id, title, why, severity, count: pairs }: QualityFinding): TemplateResult {
    return html`<tr>
      <td>
        <vscode-checkbox
          ?disabled=${pairs === 0}
          ?checked=${this.ticked.includes(id)}
          @change=${(event: Event) => this.tick(id, (event.target as HTMLInputElement).checked)}
          ><span class="unseen">${t('Leave out: {0}', visibleText(title))}</span></vscode-checkbox
        >
      </td>
      <th scope="row">
        <span class=${pairs === 0 ? 'muted' : severity === 'problem' ? 'problem' : ''}
          >${visibleText(title)}</span
        >
        <small class="muted">${visibleText(why)}</small>
      </th>
      <td class="number">${count(pairs)}</td>
      <td class="number">${percent(pairs, this.report.dataset.pairs)}</td>
      <td>
        ${
          pairs === 0
            ? nothing
            : html`<vscode-button
                appearance="secondary"
                aria-label=${t('Show the pairs of: {0}', visibleText(title))}
                ?disabled=${this.busy}
                @click=${() => this.fire('list-finding', id)}
                >${t('Show')}</vscode-button
              >`
        }
      </td>
    </tr>`;
  }

  private pairs(finding: string, pairs: readonly QualityPair[]): TemplateResult {
    const title = this.report.findings.find(({ id }) => id === finding)?.title ?? finding;
    const shown = pairs.slice(0, MOST_PAIRS);
    return html`<section aria-live="polite" id="listed">
      <h2>${visibleText(title)}: ${count(pairs.length)}</h2>
      ${shown.length < pairs.length ? html`<p class="muted">${t('The first {0} are shown.', count(shown.length))}</p>` : nothing}
      <div class="scroll" tabindex="0" role="region" aria-label=${t('Pairs of the finding, scrollable')}>
        <table aria-label=${t('Pairs of the finding')}>
          <thead>
            <tr>
              <th scope="col" class="number">${t('Row')}</th>
              <th scope="col">${t('Image')}</th>
              <th scope="col">${t('Caption')}</th>
              <th scope="col">${t('Why')}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              ({ id, image, caption, reason, repeats, picture }) =>
                html`<tr>
                  <th scope="row" class="number">${count(id)}</th>
                  <td class="path">
                    ${picture ? html`<img src=${picture} alt="" />` : nothing}
                    ${
                      image === null
                        ? '–'
                        : html`<button class="link" @click=${() => this.fire('open-image', id)}>
                            ${visibleText(image)}
                          </button>`
                    }
                  </td>
                  <td dir="auto">${caption === null ? '–' : visibleText(caption)}</td>
                  <td dir="auto">
                    ${reason === null ? (repeats === null ? '' : t('repeats {0}', count(repeats))) : visibleText(reason)}
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  private tick(id: string, ticked: boolean): void {
    const others = this.ticked.filter((one) => one !== id);
    this.fire('tick-findings', ticked ? [...others, id] : others);
  }

  private fire(
    name: 'list-finding' | 'tick-findings' | 'select-without' | 'open-image',
    detail: unknown,
  ): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
