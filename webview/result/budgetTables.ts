import { html, nothing, type TemplateResult } from 'lit';
import { labelledTable } from '../../server/report/labelledTable.js';
import type { EvaluationReport, SweepReport } from '../../server/protocol/evaluation.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { budgetCharts } from './budgetCharts.js';

/** Charts against the budget where there are several, then each budget's tables: labelled sets, and every measure. */
export function budgetTables(budgets: SweepReport['budgets'], under: 'title' | 'group'): TemplateResult {
  const heading = (text: string): TemplateResult =>
    under === 'title' ? html`<h2>${text}</h2>` : html`<h3>${text}</h3>`;
  return html`${budgets.length > 1 ? budgetCharts(budgets) : nothing}
  ${budgets.map(
    ({ budget, pairs, report }) =>
      html`<section>
        ${heading(t('{0}: {1} pairs', visibleText(budget), count(pairs)))} ${labelledSets(report, budget)}
        <clipcov-evaluation .report=${report} budget=${budget}></clipcov-evaluation>
      </section>`,
  )}`;
}

/** Labelled sets down, methods across, with averages and ratios to the next best. */
export function labelledSets(report: EvaluationReport, budget = ''): TemplateResult | typeof nothing {
  const [head, ...rows] = labelledTable(report) ?? [];
  if (!head) return nothing;
  return html`<div
    class="scroll"
    tabindex="0"
    role="region"
    aria-label=${`${t('Labelled sets, scrollable')} ${visibleText(budget)}`.trim()}
  >
    <table aria-label=${t('Labelled sets')}>
      <thead>
        <tr>
          ${head.map((cell, i) => html`<th scope="col" class=${i ? 'number' : ''}>${visibleText(cell)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, ...cells]) =>
            html`<tr>
              <th scope="row">${visibleText(name!)}</th>
              ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
