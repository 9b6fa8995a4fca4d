import { html, nothing, type TemplateResult } from 'lit';
import type { SkippedRows } from '../../server/protocol/dataset.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

/** Rows that cannot be used, by reason; the examples say where to look. */
export function skippedRows({ total, reasons }: SkippedRows): TemplateResult | typeof nothing {
  if (total === 0) return nothing;
  return html`<details class="skipped">
    <summary>${total === 1 ? t('1 row is skipped') : t('{0} rows are skipped', count(total))}</summary>
    <table aria-label=${t('Skipped rows by reason')}>
      <thead>
        <tr>
          <th scope="col">${t('Reason')}</th>
          <th scope="col" class="number">${t('Rows')}</th>
          <th scope="col">${t('For instance')}</th>
        </tr>
      </thead>
      <tbody>
        ${reasons.map(
          (reason) =>
            html`<tr>
              <td dir="auto">${visibleText(reason.reason)}</td>
              <td class="number">${count(reason.count)}</td>
              <td>
                ${reason.examples.map(
                  ({ id, where }) =>
                    html`<div class="path" dir="auto">
                      ${t('row {0}: {1}', count(id), visibleText(where))}
                    </div>`,
                )}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
