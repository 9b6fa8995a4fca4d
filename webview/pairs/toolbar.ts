import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { PairColumn, PairView } from '../../server/protocol/pairView.js';
import { icon, type IconName } from '../dom/icon.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { COLUMN_LABELS, conditionsOf, withCondition, type Look } from './look.js';

export interface ToolbarActs {
  layout(layout: Look['layout']): void;
  view(view: PairView): void;
  search(text: string): void;
  filters(): void;
}

const SORTED: readonly PairColumn[] = [
  'rank',
  'gain',
  'clipScore',
  'cross',
  'label',
  'inter',
  'latentClass',
  'caption',
  'id',
];

/** What is looked at, and how: everything that is changed often, in one line where there is room. */
export function toolbar({ layout, view }: Look, filtersOpen: boolean, act: ToolbarActs): TemplateResult {
  const { where } = view;
  const conditions = conditionsOf({ ...where, search: undefined });
  return html`<div class="toolbar" role="toolbar" aria-label=${t('How pairs are shown')}>
    <div class="segments" role="group" aria-label=${t('Layout')}>
      ${segment(t('Grid'), 'grid', layout === 'grid', () => act.layout('grid'))}
      ${segment(t('Table'), 'table', layout === 'table', () => act.layout('table'))}
    </div>
    ${choice(
      t('Show'),
      where.selected === undefined ? 'all' : where.selected ? 'picked' : 'dropped',
      [
        ['picked', t('Picked')],
        ['dropped', t('Not picked')],
        ['all', t('All pairs')],
      ],
      (chosen) =>
        act.view({
          ...view,
          where: withCondition(where, 'selected', chosen === 'all' ? undefined : chosen === 'picked'),
        }),
    )}
    <span class="pair">
      ${choice(
        t('Sort by'),
        view.sort,
        SORTED.map((column) => [column, COLUMN_LABELS[column]]),
        (sort) => act.view({ ...view, sort }),
      )}
      <button
        type="button"
        class="tool"
        aria-pressed=${view.descending}
        aria-label=${t('Largest first')}
        title=${view.descending ? t('Largest first') : t('Smallest first')}
        @click=${() => act.view({ ...view, descending: !view.descending })}
      >
        ${icon(view.descending ? 'arrowDown' : 'arrowUp')}
      </button>
    </span>
    <button
      type="button"
      class="tool text"
      aria-pressed=${view.byClass}
      @click=${() => act.view({ ...view, byClass: !view.byClass })}
    >
      ${icon('group')}${t('By class')}
    </button>
    <button type="button" class="tool text" aria-expanded=${filtersOpen} @click=${act.filters}>
      ${icon('filter')}${conditions > 0 ? t('Filters ({0})', count(conditions)) : t('Filters')}
    </button>
    <input
      class="search"
      type="search"
      maxlength="1000"
      aria-label=${t('Search captions')}
      placeholder=${t('Search captions')}
      .value=${live(where.search ?? '')}
      @input=${(event: Event) => act.search((event.target as HTMLInputElement).value)}
    />
  </div>`;
}

function segment(label: string, glyph: IconName, pressed: boolean, choose: () => void): TemplateResult {
  return html`<button
    type="button"
    class="tool"
    aria-pressed=${pressed}
    aria-label=${label}
    title=${label}
    @click=${choose}
  >
    ${icon(glyph)}
  </button>`;
}

/** A choice with its label before it. */
export function choice<T extends string>(
  label: string,
  value: T,
  choices: readonly (readonly [T, string])[],
  choose: (value: T) => void,
): TemplateResult {
  return html`<label class="choice"
    ><span>${label}</span
    ><select @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as T)}>
      ${choices.map(
        ([name, text]) => html`<option value=${name} .selected=${live(name === value)}>${text}</option>`,
      )}
    </select></label
  >`;
}
