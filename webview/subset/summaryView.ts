import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { DeviceReport, SubsetView } from '../../server/protocol/contract.js';
import { warningNote } from '../note/note.js';
import { skippedRows } from '../setup/skippedRows.js';
import { facts, notes, shared } from '../styles/shared.js';
import { count, score } from '../text/format.js';
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
    return html`<section aria-label="Selection">
        <h2>Selection</h2>
        <dl class="facts">
          ${fact('Method', subset.method)} ${fact('Budget', subset.budget)} ${fact('Classes', subset.classes)}
          ${fact('Exact duplicates left out', count(subset.exactDuplicates))}
          ${fact('Near duplicates left out', count(subset.nearDuplicates))}
          ${fact('Device', subset.device.used)}
          <div class="wide">
            <dt>File</dt>
            <dd class="path">${visibleText(subset.path)}</dd>
          </div>
        </dl>
        ${refusedDevices(subset.device)} ${skippedRows(subset.skipped)}
      </section>
      <section aria-label="Proxy strength">
        <h2>Proxy strength</h2>
        <p>
          AUC <strong class="number">${score(proxy.auc)}</strong>, on ${count(proxy.sample)} pairs.
          <span class="muted"
            >It is the chance that the model scores a matched pair above a shuffled one: 0.5 is guessing, 1 is
            perfect. No selection is better than the model it rests on.</span
          >
        </p>
      </section>
      <section aria-label="Objective">
        <h2>Objective</h2>
        ${objectiveTable(subset.objective)}
      </section>
      ${
        subset.warnings.length > 0
          ? html`<section aria-label="Warnings">
              <h2>Warnings</h2>
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
    <summary>${refused.length === 1 ? 'One device was' : `${refused.length} devices were`} not taken</summary>
    <ul>
      ${refused.map(({ device, reason }) => html`<li dir="auto">${visibleText(`${device}: ${reason}`)}</li>`)}
    </ul>
  </details>`;
}
