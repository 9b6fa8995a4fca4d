import { html, nothing, type TemplateResult } from 'lit';
import type { PairRow, Thumbnail } from '../../server/protocol/contract.js';
import { icon } from '../dom/icon.js';
import { count, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

/** One pick in full, beneath the grid. */
export function pickDetails(
  pick: PairRow,
  position: number,
  thumbnail: Thumbnail | undefined,
  close: () => void,
): TemplateResult {
  const caption = pick.caption === null ? t('No caption') : visibleText(pick.caption);
  return html`<section class="details" aria-label=${t('Pick {0}', count(position))}>
    ${thumbnail?.uri ? html`<img src=${thumbnail.uri} alt="" />` : nothing}
    <div>
      <p class="caption" dir="auto">${caption}</p>
      <dl class="facts">
        <div>
          <dt>${t('Pick')}</dt>
          <dd class="number">${count(position)}</dd>
        </div>
        <div>
          <dt>${t('Class')}</dt>
          <dd dir="auto">${visibleText(pick.latentClass ?? '')}</dd>
        </div>
        <div>
          <dt>${t('Gain')}</dt>
          <dd class="number">${score(pick.gain ?? 0)}</dd>
        </div>
        <div>
          <dt>${t('CLIP score')}</dt>
          <dd class="number">${score(pick.clipScore ?? 0)}</dd>
        </div>
        <div>
          <dt>${t('Row')}</dt>
          <dd class="number">${count(pick.id)}</dd>
        </div>
      </dl>
      ${pick.image === null ? nothing : html`<p class="path">${visibleText(pick.image)}</p>`}
      ${thumbnail?.reason ? html`<p class="muted" dir="auto">${visibleText(thumbnail.reason)}</p>` : nothing}
    </div>
    <vscode-button appearance="icon" aria-label=${t('Close details')} @click=${close}
      >${icon('close')}</vscode-button
    >
  </section>`;
}
