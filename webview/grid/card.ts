import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../dom/icon.js';
import { count, evenScore } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

export interface CardPair {
  id: number;
  rank: number | null;
  caption: string | null;
  latentClass: string | null;
  gain: number | null;
  clipScore: number;
  /** Undefined while it is being fetched, null where there is none. */
  thumbnail: string | null | undefined;
}

/** What stands in a card; the element around it is the caller's, since its role differs. */
export function card(pair: CardPair): TemplateResult {
  const { rank, caption, latentClass, gain, clipScore, thumbnail } = pair;
  return html`<div class="picture">
      ${thumbnail ? html`<img src=${thumbnail} alt="" draggable="false" />` : icon('image')}
      ${rank === null ? nothing : html`<span class="rank">${count(rank)}</span>`}
    </div>
    <div class="text">
      <p class="caption" dir="auto">${caption === null ? t('No caption') : visibleText(caption)}</p>
      <p class="class" dir="auto">${latentClass === null ? nothing : visibleText(latentClass)}</p>
      <p class="scores">
        ${gain === null ? nothing : html`<span>${t('gain')} <b>${evenScore(gain)}</b></span>`}
        <span>CLIP <b>${evenScore(clipScore)}</b></span>
      </p>
    </div>`;
}
