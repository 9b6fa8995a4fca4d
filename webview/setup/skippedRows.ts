import { html, nothing, type TemplateResult } from 'lit';
import type { SkippedRows } from '../../server/protocol/contract.js';
import { count } from '../text/format.js';
import { visibleText } from '../text/visible.js';

/** Rows that cannot be used, by reason; the examples say where to look. */
export function skippedRows({ total, reasons }: SkippedRows): TemplateResult | typeof nothing {
  if (total === 0) return nothing;
  return html`<details class="skipped">
    <summary>${count(total)} ${total === 1 ? 'row is' : 'rows are'} skipped</summary>
    <table aria-label="Skipped rows by reason">
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col" class="number">Rows</th>
          <th scope="col">For instance</th>
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
                    html`<div class="path" dir="auto">row ${count(id)}: ${visibleText(where)}</div>`,
                )}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
