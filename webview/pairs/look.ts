import { FIRST_VIEW } from '../../server/protocol/firstLook.js';
import type { PairColumn, PairFilter, PairNumber, PairView } from '../../server/protocol/pairView.js';
import { t } from '../text/l10n.js';

/** How a user looks at pairs; what of it outlives the page is kept by VS Code. */
export interface Look {
  layout: 'grid' | 'table';
  view: PairView;
}

export const FIRST_LOOK: Look = { layout: 'grid', view: FIRST_VIEW };

/** What each column is called, in the order of the table. */
export const COLUMN_LABELS: Record<PairColumn, string> = {
  rank: t('Rank'),
  gain: t('Gain'),
  clipScore: t('CLIP score'),
  cross: t('Cross'),
  label: t('Label'),
  inter: t('Inter'),
  latentClass: t('Class'),
  caption: t('Caption'),
  id: t('Row'),
};

/** Columns that only the table of all pairs has. */
const TERMS: readonly PairColumn[] = ['cross', 'label', 'inter'];

/** Whether a look needs more than the picks. */
export function needsAllPairs({ sort, where }: PairView): boolean {
  return (
    where.selected !== true || TERMS.includes(sort) || TERMS.some((name) => name in (where.ranges ?? {}))
  );
}

/** A column is first shown from its best end; another click turns it around. */
export function sortedBy(view: PairView, sort: PairColumn): PairView {
  if (view.sort === sort) return { ...view, descending: !view.descending };
  return { ...view, sort, descending: ['gain', 'clipScore', 'cross', 'label'].includes(sort) };
}

/** A filter with one bound changed; what bounds nothing is no part of it. */
export function bounded(
  where: PairFilter,
  column: PairNumber,
  end: 'from' | 'to',
  value: number | null,
): PairFilter {
  const range = without({ ...where.ranges?.[column] }, end);
  if (value !== null) range[end] = value;
  const ranges = without({ ...where.ranges }, column);
  if (Object.keys(range).length > 0) ranges[column] = range;
  return withCondition(where, 'ranges', Object.keys(ranges).length > 0 ? ranges : undefined);
}

/** A filter with one condition set, or without it. */
export function withCondition<K extends keyof PairFilter>(
  where: PairFilter,
  name: K,
  value: PairFilter[K] | undefined,
): PairFilter {
  const others: PairFilter = without({ ...where }, name);
  return value === undefined ? others : { ...others, [name]: value };
}

/** How many conditions there are besides the choice of picked or not. */
export function conditionsOf(where: PairFilter): number {
  const given = Object.entries(where).filter(
    ([name, value]) => value !== undefined && !['selected', 'ranges'].includes(name),
  );
  return given.length + Object.keys(where.ranges ?? {}).length;
}

function without<T extends object>(object: T, name: keyof T): T {
  delete object[name];
  return object;
}
