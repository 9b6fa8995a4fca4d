import { html, nothing, type TemplateResult } from 'lit';
import type { ModelEvaluation, ModelScores } from '../../server/protocol/evaluation.js';
import { count, evenScore } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

/** Sets and metrics down, models across; of two models the second less the first too. */
export function modelsTable({ results, files, device }: ModelEvaluation): TemplateResult {
  const models = [...new Set(results.map(nameOf))];
  const sets = [...new Set(results.map(({ dataset }) => dataset))];
  const at = (dataset: string, model: string): ModelScores | undefined =>
    results.find((one) => one.dataset === dataset && nameOf(one) === model);
  const compared = models.length === 2;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t('Models, scrollable')}>
      <table aria-label=${t('Models')}>
        <thead>
          <tr>
            <th scope="col">${t('Labelled set')}</th>
            <th scope="col">${t('Metric')}</th>
            ${models.map((model) => html`<th scope="col" class="number">${visibleText(model)}</th>`)}
            ${compared ? html`<th scope="col" class="number">${t('Difference')}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${sets.flatMap((dataset) =>
            metricsOf(results, dataset).map((metric, row) => {
              const values = models.map((model) => at(dataset, model)?.metrics[metric]);
              return html`<tr>
                <th scope="row">
                  ${row === 0 ? visibleText(dataset) : html`<span class="unseen">${visibleText(dataset)}</span>`}
                </th>
                <td>${metric}</td>
                ${values.map((value) => html`<td class="number">${value === undefined ? '–' : evenScore(value)}</td>`)}
                ${compared ? html`<td class="number">${difference(values[0], values[1])}</td>` : nothing}
              </tr>`;
            }),
          )}
        </tbody>
      </table>
    </div>
    <ul class="plain muted">
      ${sets.map((dataset) => {
        const { images, skipped } = results.find((one) => one.dataset === dataset)!;
        return html`<li>
          ${visibleText(dataset)}:
          ${t('{0} images', count(images))}${skipped ? `, ${t('{0} rows skipped', count(skipped))}` : ''}
        </li>`;
      })}
      <li>${t('Device')}: ${visibleText(device.used)}</li>
      ${files.map((file) => html`<li class="path">${t('Written')}: ${visibleText(file)}</li>`)}
    </ul>`;
}

function metricsOf(results: readonly ModelScores[], dataset: string): string[] {
  const own = results.filter((one) => one.dataset === dataset);
  return [...new Set(own.flatMap(({ metrics }) => Object.keys(metrics)))];
}

function difference(first: number | undefined, second: number | undefined): string {
  if (first === undefined || second === undefined) return '–';
  const less = second - first;
  return less > 0 ? `+${evenScore(less)}` : evenScore(less);
}

/** Two versions of a model may share its name. */
function nameOf({ model, pretrained }: ModelScores): string {
  return `${model} ${pretrained.slice(0, 6)}`;
}
