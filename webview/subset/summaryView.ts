import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { SubsetView } from '../../server/protocol/pairs.js';
import type { DeviceReport } from '../../server/protocol/progress.js';
import { warningNote } from '../note/note.js';
import { skippedRows } from '../setup/skippedRows.js';
import { facts, notes, shared } from '../styles/shared.js';
import { count, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { objectiveTable } from './objectiveTable.js';

/** How the subset came about. */
@customElement('clipcov-summary')
export class SummaryView extends LitElement {
  static override styles = [
    shared,
    facts,
    notes,
    css`
      :host {
        display: grid;
        gap: 24px;
        max-width: 900px;
      }
      section {
        display: grid;
        gap: 8px;
        min-width: 0;
      }
      tfoot th,
      tfoot td {
        border-top: 1px solid var(--line);
      }
      summary {
        cursor: pointer;
        width: fit-content;
      }
      ul {
        padding-left: 20px;
      }
    `,
  ];

  @property({ attribute: false }) subset!: SubsetView;

  override render(): TemplateResult {
    const { subset } = this;
    const { proxy } = subset;
    return html`<section aria-label=${t('Selection')}>
        <h2>${t('Selection')}</h2>
        <dl class="facts">
          ${fact(t('Method'), subset.method)} ${fact(t('Budget'), subset.budget)}
          ${fact(t('Classes'), subset.classes)} ${fact(t('Rows of the dataset'), count(subset.pairs))}
          ${fact(t('Usable pairs'), count(subset.pairs - subset.skipped.total))}
          ${fact(t('Exact duplicates left out'), count(subset.exactDuplicates))}
          ${fact(t('Near duplicates left out'), subset.nearDuplicates === null ? t('not looked for') : count(subset.nearDuplicates))}
          ${fact(t('Device'), subset.device.used)}
          <div class="wide">
            <dt>${t('File')}</dt>
            <dd class="path">${visibleText(subset.path)}</dd>
          </div>
        </dl>
        ${refusedDevices(subset.device)} ${skippedRows(subset.skipped)}
      </section>
      <section aria-label=${t('Proxy strength')}>
        <h2>${t('Proxy strength')}</h2>
        <p>
          <strong class="number">${t('AUC {0}', score(proxy.auc))}</strong>,
          ${t('on {0} pairs.', count(proxy.sample))}
          <span class="muted"
            >${t('It is the chance that the model scores a matched pair above a shuffled one: 0.5 is guessing, 1 is perfect. No selection is better than the model it rests on.')}</span
          >
        </p>
      </section>
      <section aria-label=${t('Objective')}>
        <h2>${t('Objective')}</h2>
        ${objectiveTable(subset.objective)}
      </section>
      ${
        subset.warnings.length > 0
          ? html`<section aria-label=${t('Warnings')}>
              <h2>${t('Warnings')}</h2>
              ${subset.warnings.map(warningNote)}
            </section>`
          : nothing
      }`;
  }
}

function fact(name: string, value: string): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd dir="auto">${visibleText(value)}</dd>
  </div>`;
}

function refusedDevices({ refused }: DeviceReport): TemplateResult | typeof nothing {
  if (refused.length === 0) return nothing;
  return html`<details>
    <summary>
      ${refused.length === 1 ? t('One device was not taken') : t('{0} devices were not taken', count(refused.length))}
    </summary>
    <ul>
      ${refused.map(({ device, reason }) => html`<li dir="auto">${visibleText(`${device}: ${reason}`)}</li>`)}
    </ul>
  </details>`;
}
