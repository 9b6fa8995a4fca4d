import type { PairMark, PairsState } from '../../server/protocol/panel.js';

/** How pairs are marked, by id. */
export function marksOf(pairs: PairsState | null): (id: number) => PairMark | null {
  if (!pairs) return () => null;
  const [forcedIn, forcedOut] = [new Set(pairs.marks.in), new Set(pairs.marks.out)];
  return (id) => (forcedIn.has(id) ? 'in' : forcedOut.has(id) ? 'out' : null);
}

/** What a press of a mark does to a pair: the same mark once more takes it back. */
export function pressedMark(
  pairs: PairsState | null,
  id: number,
  mark: PairMark,
): { ids: number[]; how: PairMark | null } {
  return { ids: [id], how: marksOf(pairs)(id) === mark ? null : mark };
}
