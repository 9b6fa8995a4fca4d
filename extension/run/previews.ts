import type { PairPreview } from '../../server/protocol/progress.js';

/** A snapshot carries every preview with its thumbnail, so only a screenful is kept. */
const KEPT = 24;

/** The newest previews first; a pair that was shown before moves to the front with its newest figures. */
export function mergePreviews(shown: readonly PairPreview[], fresh: readonly PairPreview[]): PairPreview[] {
  const ids = new Set(fresh.map(({ id }) => id));
  return [...fresh, ...shown.filter(({ id }) => !ids.has(id))].slice(0, KEPT);
}
