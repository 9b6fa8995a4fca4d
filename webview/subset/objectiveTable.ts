import { html, type TemplateResult } from 'lit';
import type { Objective } from '../../server/protocol/selection.js';
import { score } from '../text/format.js';
import { t } from '../text/l10n.js';

const TERMS: readonly (readonly [keyof Objective['terms'], string, string])[] = [
  ['cross', t('Cross'), t('How well the picks stand for the cross-covariance of their classes')],
  ['self', t('Self'), t('Agreement of each image with its own caption: the CLIP score')],
  ['label', t('Label'), t('Agreement of each caption with its class')],
  ['inter', t('Inter'), t('Confusion with other classes')],
  ['redundancy', t('Redundancy (λ)'), t('Similarity among the picks of a class')],
  ['balance', t('Balance (β)'), t('Uneven shares of the classes')],
];

/** F(S) and what it is made of. */
export function objectiveTable({ value, terms }: Objective): TemplateResult {
  return html`<table aria-label=${t('Objective')}>
    <thead>
      <tr>
        <th scope="col">${t('Term')}</th>
        <th scope="col">${t('What it measures')}</th>
        <th scope="col" class="number">${t('Weighted')}</th>
      </tr>
    </thead>
    <tbody>
      ${TERMS.map(
        ([name, label, meaning]) =>
          html`<tr>
            <th scope="row">${label}</th>
            <td class="muted">${meaning}</td>
            <td class="number">${score(terms[name])}</td>
          </tr>`,
      )}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row"><strong>F(S)</strong></th>
        <td class="muted">${t('Their sum, which the selection makes large')}</td>
        <td class="number"><strong>${score(value)}</strong></td>
      </tr>
    </tfoot>
  </table>`;
}
