import type { PairView } from './pairView.js';

/** Pairs that are fetched at a time. */
export const PAGE = 60;

/** How the pairs of a subset are looked at before anybody chose otherwise. */
export const FIRST_VIEW: PairView = {
  sort: 'rank',
  descending: false,
  byClass: false,
  where: { selected: true },
};

/** Whether a page is the first of that view: the one that can be read before it is asked for. */
export function isFirstPage(offset: number, limit: number, view: PairView, terms: boolean): boolean {
  return offset === 0 && limit === PAGE && !terms && JSON.stringify(view) === JSON.stringify(FIRST_VIEW);
}
