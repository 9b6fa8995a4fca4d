import type { ProjectionKind } from '../../server/protocol/pairView.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import type { ColourBy } from './colouring.js';

export const PROJECTION_LABELS: readonly (readonly [ProjectionKind, string])[] = [
  ['pca', 'PCA'],
  ['umap', 'UMAP'],
];

export function colourChoices(others: readonly { name: string }[]): (readonly [ColourBy, string])[] {
  return [
    ['picked', t('Picked or not')],
    ['class', t('Class')],
    ['score', t('CLIP score')],
    ['rank', t('Rank of picks')],
    ...others.map(({ name }, i) => [`other-${i}`, t('Against {0}', visibleText(name))] as const),
  ];
}
