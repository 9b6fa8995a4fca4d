import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { EvaluationColumn, EvaluationReport, MeasureInfo } from '../../server/protocol/evaluation.js';
import { shared } from '../styles/shared.js';
import { count, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { bestColumns } from './best.js';

const BETTER = {
  lower: t('↓ Lower is better.'),
  higher: t('↑ Higher is better.'),
  neither: t('Neither lower nor higher is better.'),
} as const;

/** The subset beside its baselines, measure by measure, each with what it says and what it does not. */
@customElement('clipcov-evaluation')
export class EvaluationView extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        width: auto;
        min-width: 100%;
      }
      th[scope='row'] {
        min-width: 150px;
        font-weight: 600;
      }
      th[scope='col'] small {
        display: block;
        font-weight: normal;
      }
      tbody tr:first-child > * {
        padding-top: 12px;
        padding-bottom: 0;
      }
      td[colspan] {
        padding: 0 0 12px;
        border-bottom: 1px solid var(--line);
      }
      .meaning {
        position: sticky;
        left: 0;
        display: block;
        max-width: min(76ch, calc(100vw - 40px));
        font-size: 0.92em;
      }
      .own {
        color: var(--vscode-foreground);
      }
      .best {
        font-weight: 600;
      }
      th.number,
      td.number {
        position: relative;
        padding-right: 18px;
      }
      .best::after {
        content: '●';
        position: absolute;
        right: 4px;
        font-size: 0.7em;
        line-height: 2.2;
        color: var(--vscode-charts-green, currentColor);
      }
      .legend {
        margin-bottom: 12px;
      }
    `,
  ];

  @property({ attribute: false }) report!: EvaluationReport;
  /** Tells it from others on the same page. */
  @property() budget = '';

  override render(): TemplateResult {
    const { columns } = this.report;
    // Those that say which is better come first.
    const measures = [...this.report.measures].sort((a, b) => rank(a) - rank(b));
    return html`<p class="legend muted">
        ${t('● marks the best of the selections at this budget. Values over several seeds are mean ± standard deviation. “all pairs” are the usable ones, without exact duplicates and what is held out.')}
        ${this.report.note === null ? nothing : visibleText(this.report.note)}
      </p>
      <div
        class="scroll"
        tabindex="0"
        role="region"
        aria-label=${`${t('Evaluation, scrollable')} ${visibleText(this.budget)}`.trim()}
      >
        <table aria-label=${t('Evaluation')}>
          <thead>
            <tr>
              <th scope="col">${t('Measure')}</th>
              ${columns.map(
                ({ name, pairs, seeds }, index) =>
                  html`<th scope="col" class="number ${index === 0 ? 'own' : ''}">
                    ${visibleText(name)}<small
                      >${t('{0} pairs', count(pairs))}${seeds > 1 ? `, ${t('{0} seeds', count(seeds))}` : ''}</small
                    >
                  </th>`,
              )}
            </tr>
          </thead>
          ${measures.map((measure, i) => this.measure(measure, columns, measures[i + 1]))}
        </table>
      </div>`;
  }

  /** Rows that follow each other and say the same share the sentence, below the last of them. */
  private measure(
    measure: MeasureInfo,
    columns: readonly EvaluationColumn[],
    next: MeasureInfo | undefined,
  ): TemplateResult {
    const best = bestColumns(measure, columns);
    return html`<tbody>
      <tr title=${visibleText(measure.meaning)}>
        <th scope="row">${visibleText(measure.label)}</th>
        ${columns.map(
          (column) =>
            html`<td class="number ${best.has(column) ? 'best' : ''}">
              ${cell(column.values[measure.name])}
            </td>`,
        )}
      </tr>
      ${
        next?.meaning === measure.meaning
          ? nothing
          : html`<tr>
              <td colspan=${columns.length + 1}>
                <span class="meaning muted">${BETTER[measure.better]} ${visibleText(measure.meaning)}</span>
              </td>
            </tr>`
      }
    </tbody>`;
  }
}

function rank({ better }: MeasureInfo): number {
  return better === 'neither' ? 1 : 0;
}

function cell(value: { mean: number; sd: number } | null | undefined): TemplateResult | string {
  if (!value) return '–';
  return html`${score(value.mean)}${score(value.sd) !== score(0) ? html`<span class="muted"> ± ${score(value.sd)}</span>` : nothing}`;
}
