import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { OpenedPairs, PairClass } from '../../server/protocol/pairs.js';
import type { PairFilter, PairNumber } from '../../server/protocol/pairView.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { bounded, COLUMN_LABELS, conditionsOf, withCondition } from './look.js';
import { choice } from './toolbar.js';

/** More classes than a list is of use for are found by their captions, or by grouping. */
const MOST_CLASSES = 2000;
const NUMBERS: readonly PairNumber[] = ['rank', 'gain', 'clipScore', 'cross', 'label', 'inter'];

/** Everything that narrows down which pairs are shown. */
export function filters(
  where: PairFilter,
  classes: readonly PairClass[],
  others: OpenedPairs['others'],
  change: (where: PairFilter) => void,
): TemplateResult {
  return html`<section class="filters" aria-label=${t('Filters')}>
    ${classChoice(where, classes, change)} ${othersChoice(where, others, change)}
    ${NUMBERS.map((column) => range(where, column, change))}
    ${
      conditionsOf(where) > 0
        ? html`<vscode-button
            appearance="secondary"
            @click=${() => change(withCondition({}, 'selected', where.selected))}
            >${t('Clear Filters')}</vscode-button
          >`
        : nothing
    }
  </section>`;
}

function classChoice(
  where: PairFilter,
  classes: readonly PairClass[],
  change: (where: PairFilter) => void,
): TemplateResult {
  const named = classes.filter((one) => one.name !== null).slice(0, MOST_CLASSES);
  const chosen = where.classes?.[0];
  // Positions, since a class may have any name.
  const at = chosen === undefined ? -1 : named.findIndex(({ name }) => name === chosen);
  const missing = chosen !== undefined && at < 0 ? ([['chosen', visibleText(chosen)]] as const) : [];
  return choice<string>(
    t('Class'),
    missing.length > 0 ? 'chosen' : String(at),
    [
      ['-1', t('Any')],
      ...missing,
      ...named.map(
        ({ name, pairs, picks }, i) =>
          [String(i), `${visibleText(name!)} (${count(picks)} / ${count(pairs)})`] as const,
      ),
    ],
    (value) => {
      const name = named[Number(value)]?.name;
      change(withCondition(where, 'classes', typeof name === 'string' ? [name] : undefined));
    },
  );
}

function othersChoice(
  where: PairFilter,
  others: OpenedPairs['others'],
  change: (where: PairFilter) => void,
): TemplateResult | typeof nothing {
  if (others.length === 0) return nothing;
  const conditions = others.flatMap(({ name, method }) => {
    const who = visibleText(`${name} (${method})`);
    return [
      { name, picked: true, text: t('Picked by {0}', who) },
      { name, picked: false, text: t('Not picked by {0}', who) },
    ];
  });
  const [chosen] = where.others ?? [];
  const at = conditions.findIndex(({ name, picked }) => name === chosen?.name && picked === chosen.picked);
  return choice<string>(
    t('Other methods'),
    String(at),
    [['-1', t('Any')], ...conditions.map(({ text }, i) => [String(i), text] as const)],
    (value) => {
      const condition = conditions[Number(value)];
      const given = condition && [{ name: condition.name, picked: condition.picked }];
      change(withCondition(where, 'others', given));
    },
  );
}

function range(where: PairFilter, column: PairNumber, change: (where: PairFilter) => void): TemplateResult {
  // Ranks are counted from 1 where a person reads them.
  const shift = column === 'rank' ? 1 : 0;
  const bound = (end: 'from' | 'to', label: string): TemplateResult => {
    const value = where.ranges?.[column]?.[end];
    return html`<input
      type="number"
      step="any"
      aria-label=${label}
      placeholder=${end === 'from' ? t('from') : t('to')}
      .value=${live(value === undefined ? '' : String(value + shift))}
      @change=${(event: Event) => {
        const { valueAsNumber } = event.target as HTMLInputElement;
        change(bounded(where, column, end, Number.isFinite(valueAsNumber) ? valueAsNumber - shift : null));
      }}
    />`;
  };
  const name = COLUMN_LABELS[column];
  return html`<div class="range" role="group" aria-label=${name}>
    <span>${name}</span>${bound('from', t('{0} from', name))}<span aria-hidden="true">–</span
    >${bound('to', t('{0} to', name))}
  </div>`;
}
