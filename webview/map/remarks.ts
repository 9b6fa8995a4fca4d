import { count, percent } from '../text/format.js';
import { t } from '../text/l10n.js';
import type { MapData } from './mapData.js';
import { countWithin } from './within.js';

export function withinText(data: MapData, corners: number[]): string {
  const { all, picked } = countWithin(data, corners);
  return t('{0} pairs lie within, {1} of them picked.', count(all), count(picked));
}

/** What the axes are, or how the layout came about. */
export function remark({ view: { explained, fitted, rows } }: MapData): string {
  if (fitted === null)
    return t(
      'Where images differ most: {0} of their variance is along the two axes.',
      percent(
        (explained ?? []).reduce((a, b) => a + b, 0),
        1,
      ),
    );
  if (fitted < rows)
    return t(
      'Laid out by UMAP for {0} pairs drawn at random; each other one stands between the nearest of these. Far distances say little.',
      count(fitted),
    );
  return t('Laid out by UMAP: near ones are alike, far distances say little.');
}
