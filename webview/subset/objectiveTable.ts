import { html, type TemplateResult } from 'lit';
import type { Objective } from '../../server/protocol/contract.js';
import { score } from '../text/format.js';

const TERMS: readonly (readonly [keyof Objective['terms'], string, string])[] = [
  ['cross', 'Cross', 'How well the picks stand for the cross-covariance of their classes'],
  ['self', 'Self', 'Agreement of each image with its own caption: the CLIP score'],
  ['label', 'Label', 'Agreement of each caption with its class'],
  ['inter', 'Inter', 'Confusion with other classes'],
  ['redundancy', 'Redundancy (λ)', 'Similarity among the picks of a class'],
  ['balance', 'Balance (β)', 'Uneven shares of the classes'],
];

/** F(S) and what it is made of. */
export function objectiveTable({ value, terms }: Objective): TemplateResult {
  return html`<table aria-label="Objective">
    <thead>
      <tr>
        <th scope="col">Term</th>
        <th scope="col">What it measures</th>
        <th scope="col" class="number">Weighted</th>
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
        <td class="muted">Their sum, which the selection makes large</td>
        <td class="number"><strong>${score(value)}</strong></td>
      </tr>
    </tfoot>
  </table>`;
}
