import { html, type TemplateResult } from 'lit';
import type { Objective } from '../../server/protocol/selection.js';
import { cssom } from '../dom/cssom.js';
import { score } from '../text/format.js';
import { t } from '../text/l10n.js';

const TERMS: readonly (readonly [keyof Objective['terms'], string])[] = [
  ['cross', t('Cross')],
  ['self', t('Self')],
  ['label', t('Label')],
  ['inter', t('Inter')],
  ['redundancy', t('Redundancy')],
  ['balance', t('Balance')],
];

/** The terms of a gain as bars from a common zero; the figures beside them say the same. */
export function termsBar({ value, terms }: Objective): TemplateResult {
  const sizes = TERMS.map(([name]) => terms[name]);
  const [least, most] = [Math.min(0, ...sizes), Math.max(0, ...sizes)];
  const span = most - least || 1;
  return html`<table class="terms">
    <caption class="muted">
      ${t('Terms of the gain, weighted')}
    </caption>
    <tbody>
      ${TERMS.map(([name, label]) => {
        const size = terms[name];
        const left = ((Math.min(0, size) - least) / span) * 100;
        const width = (Math.abs(size) / span) * 100;
        return html`<tr>
          <th scope="row">${label}</th>
          <td class="bar" aria-hidden="true">
            <i class=${size < 0 ? 'less' : 'more'} ${cssom({ left: `${left}%`, width: `${width}%` })}></i>
            <u ${cssom({ left: `${(-least / span) * 100}%` })}></u>
          </td>
          <td class="number">${score(size)}</td>
        </tr>`;
      })}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row">${t('Gain')}</th>
        <td></td>
        <td class="number"><strong>${score(value)}</strong></td>
      </tr>
    </tfoot>
  </table>`;
}
