import { isWithin } from '../../server/projection/polygon.js';
import type { MapData } from './mapData.js';

/** How many pairs lie in a polygon of the map, and how many of these are picked. */
export function countWithin(
  { points, ranks }: Pick<MapData, 'points' | 'ranks'>,
  corners: readonly number[],
): { all: number; picked: number } {
  let [all, picked] = [0, 0];
  for (let row = 0; row < ranks.length; row++) {
    if (!isWithin(corners, points[2 * row]!, points[2 * row + 1]!)) continue;
    all++;
    if (ranks[row]! >= 0) picked++;
  }
  return { all, picked };
}
