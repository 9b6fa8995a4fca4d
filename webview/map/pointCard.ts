import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import type { PointPair } from './pointLook.js';

/** More of a caption does not fit a card, or the line beneath the map. */
const LONGEST = 300;

/** The caption of a point's pair, or why there is none to show; null until it is known. */
export function pointCaption(found: PointPair | undefined): string | null {
  if (!found) return null;
  if (!found.pair) return t('Read all pairs to see what this one shows.');
  const { caption } = found.pair;
  return caption === null ? t('No caption') : visibleText(caption, LONGEST);
}

/** What a point is, beside it. The line beneath the map says the same to who cannot see it. */
export function pointCard(found: PointPair | undefined, text: string): TemplateResult {
  const caption = pointCaption(found);
  const uri = found?.picture?.uri;
  return html`<div class="card" aria-hidden="true">
    ${uri ? html`<img src=${uri} alt="" />` : nothing}
    <div>
      ${caption === null ? nothing : html`<p class="caption" dir="auto">${caption}</p>`}
      <p class="muted" dir="auto">${text}</p>
    </div>
  </div>`;
}
