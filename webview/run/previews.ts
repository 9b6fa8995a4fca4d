import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { PairPreview } from '../../server/protocol/progress.js';
import { card } from '../grid/card.js';
import { t } from '../text/l10n.js';

/** A sample of what the run is just doing. */
export function previewList(previews: readonly PairPreview[]): TemplateResult | typeof nothing {
  if (previews.length === 0) return nothing;
  return html`<ul class="previews" aria-label=${t('Pairs just looked at')}>
    ${repeat(
      previews,
      ({ id }) => id,
      (preview) =>
        html`<li class="card">${card({ ...preview, rank: null, thumbnail: preview.thumbnail })}</li>`,
    )}
  </ul>`;
}
