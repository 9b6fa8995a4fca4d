import { html, nothing, type TemplateResult } from 'lit';
import type { PairLeft, PairRow, Thumbnail } from '../../server/protocol/pairs.js';
import type { PairColumn, PairView } from '../../server/protocol/pairView.js';
import type { PairMark } from '../../server/protocol/panel.js';
import { icon } from '../dom/icon.js';
import { count, evenScore } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import type { Section } from './layout.js';
import { COLUMN_LABELS } from './look.js';

/** How a pair is marked for the next selection. */
export type Marked = (id: number) => PairMark | null;

export const MARK_LABELS: Record<PairMark, string> = { in: t('forced in'), out: t('forced out') };
/** More than two lines of a card hold. */
const CARD_LETTERS = 120;
const MARK_ICONS = { in: 'add', out: 'remove' } as const;
export const LEFT_LABELS: Record<PairLeft, string> = {
  'exact-duplicate': t('exact duplicate'),
  'held-out': t('held out'),
  unusable: t('unusable'),
};

/**
 * What stands in a card, of a pair that may still be on its way. Its elements are the same whatever the pair, and only filled
 * otherwise: a list that is scrolled fills them many times a second.
 */
export function pairCard(
  pair: PairRow | undefined,
  thumbnail: string | null | undefined,
  mark: PairMark | null,
): TemplateResult {
  const { rank = null, gain = null, clipScore = null } = pair ?? {};
  return html`<div class="picture ${thumbnail ? 'seen' : ''}">
      <img src=${thumbnail ?? nothing} ?hidden=${!thumbnail} alt="" draggable="false" decoding="async" />
      ${icon('image')}
      <span class="rank" ?hidden=${rank === null}>${rank === null ? '' : count(rank + 1)}</span>
      ${mark ? html`<span class="mark">${icon(MARK_ICONS[mark])}</span>` : nothing}
    </div>
    <div class="text">
      <p class="caption" dir="auto">${pair ? captionOf(pair) : ''}</p>
      <p class="class" dir="auto">${pair ? classOf(pair.latentClass, pair.left) : ''}</p>
      <p class="scores">
        <span ?hidden=${gain === null}>${t('gain')} <b>${gain === null ? '' : evenScore(gain)}</b></span>
        <span ?hidden=${clipScore === null}
          >CLIP <b>${clipScore === null ? '' : evenScore(clipScore)}</b></span
        >
      </p>
    </div>`;
}

/** The start of a caption: there is room for two lines. */
function captionOf({ caption }: PairRow): string {
  return caption === null ? t('No caption') : visibleText(caption, CARD_LETTERS);
}

/** The whole card in words, for those who hear it. */
export function pairLabel(pair: PairRow, mark: PairMark | null): string {
  const { rank, caption, latentClass, gain, clipScore, left } = pair;
  return [
    rank === null ? t('Not picked') : t('Pick {0}', count(rank + 1)),
    caption === null ? t('No caption') : visibleText(caption),
    classOf(latentClass, left),
    gain === null ? null : `${t('gain')} ${evenScore(gain)}`,
    clipScore === null ? null : `CLIP ${evenScore(clipScore)}`,
    mark && MARK_LABELS[mark],
  ]
    .filter(Boolean)
    .join(', ');
}

function classOf(latentClass: string | null, left: PairLeft | null): string {
  if (latentClass !== null) return visibleText(latentClass);
  return left ? LEFT_LABELS[left] : '';
}

/** The columns of the table, as they stand beside each other. */
const TABLE: readonly PairColumn[] = [
  'rank',
  'caption',
  'latentClass',
  'gain',
  'clipScore',
  'cross',
  'label',
  'inter',
];
const TEXTS: readonly PairColumn[] = ['caption', 'latentClass'];

/** The head of the table, whose columns sort it. */
export function tableHead(view: PairView, sortBy: (column: PairColumn) => void): TemplateResult {
  return html`<div class="head" role="rowgroup">
    <div class="line" role="row" aria-rowindex="1">
      ${TABLE.map((column, i) => {
        const sorted = view.sort === column ? (view.descending ? 'descending' : 'ascending') : 'none';
        return html`<span
          role="columnheader"
          class="${column} ${TEXTS.includes(column) ? '' : 'number'}"
          aria-colindex=${i + 1}
          aria-sort=${sorted}
          ><button type="button" @click=${() => sortBy(column)}>
            ${COLUMN_LABELS[column]}${
              sorted === 'none'
                ? nothing
                : html`<span aria-hidden="true">${view.descending ? '▼' : '▲'}</span>`
            }
          </button></span
        >`;
      })}
    </div>
  </div>`;
}

/** The cells of a row of the table. */
export function pairCells(
  pair: PairRow | undefined,
  thumbnail: Thumbnail | undefined,
  mark: PairMark | null,
): TemplateResult[] {
  return TABLE.map(
    (column, i) =>
      html`<span
        role="gridcell"
        aria-colindex=${i + 1}
        class="${column} ${TEXTS.includes(column) ? '' : 'number'}"
        >${pair ? cell(pair, column, thumbnail, mark) : nothing}</span
      >`,
  );
}

function cell(
  pair: PairRow,
  column: PairColumn,
  thumbnail: Thumbnail | undefined,
  mark: PairMark | null,
): TemplateResult | string {
  switch (column) {
    case 'rank':
      return html`${
        mark ? html`${icon(MARK_ICONS[mark])}<span class="unseen">${MARK_LABELS[mark]}</span>` : nothing
      }${pair.rank === null ? html`<span class="unseen">${t('Not picked')}</span>–` : count(pair.rank + 1)}`;
    case 'caption':
      return html`<img
          src=${thumbnail?.uri ?? nothing}
          ?hidden=${!thumbnail?.uri}
          alt=""
          decoding="async"
        /><i ?hidden=${!!thumbnail?.uri}></i><span dir="auto">${captionOf(pair)}</span>`;
    case 'latentClass':
      return html`<span dir="auto">${classOf(pair.latentClass, pair.left)}</span>`;
    case 'gain':
      return figure(pair.gain);
    case 'clipScore':
      return figure(pair.clipScore);
    case 'id':
      return count(pair.id);
    default:
      return figure(pair.terms?.[column] ?? null);
  }
}

function figure(value: number | null): string {
  return value === null ? '–' : evenScore(value);
}

/** A class above its pairs; a button that folds them away. */
export function heading(
  { name, pairs, picks, collapsed }: Section,
  tabindex: number,
  act: { focus(): void; fold(): void },
): TemplateResult {
  return html`<span role="gridcell"
    ><button
      type="button"
      tabindex=${tabindex}
      aria-expanded=${!collapsed}
      @focus=${act.focus}
      @click=${act.fold}
    >
      ${icon(collapsed ? 'chevronRight' : 'chevronDown')}<b dir="auto"
        >${name === null ? t('Without a class') : visibleText(name)}</b
      ><span class="muted">${t('{0} of {1} picked', count(picks), count(pairs))}</span>
    </button></span
  >`;
}
