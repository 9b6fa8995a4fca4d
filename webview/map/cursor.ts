import type { Viewport } from './viewport.js';

/** What a key does to a map: another view of it, or another place of the cursor. */
export type KeyEffect = 'view' | 'cursor' | null;

const STEP = 24;
const FINE = 4;
const ZOOM = 1.4;
/** The view follows a cursor that comes so near to its edge. */
const EDGE = 24;

const DIRECTIONS: Record<string, [number, number] | undefined> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export interface Cursor {
  px: number;
  py: number;
}

/** Arrows move the cursor, in small steps with Alt, and with Shift the view; plus and minus zoom about it. */
export function pressKey(
  { key, shiftKey, altKey }: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey'>,
  view: Viewport,
  cursor: Cursor,
): KeyEffect {
  const direction = DIRECTIONS[key];
  if (direction) {
    const [dx, dy] = direction;
    if (shiftKey) {
      view.panBy(-dx * view.width * 0.15, -dy * view.height * 0.15);
      return 'view';
    }
    const step = altKey ? FINE : STEP;
    return moved(view, cursor, cursor.px + dx * step, cursor.py + dy * step);
  }
  if (key === '+' || key === '=') view.zoomAt(cursor.px, cursor.py, ZOOM);
  else if (key === '-' || key === '_') view.zoomAt(cursor.px, cursor.py, 1 / ZOOM);
  else return null;
  return 'view';
}

function moved(view: Viewport, cursor: Cursor, px: number, py: number): KeyEffect {
  const dx = beyond(px, view.width);
  const dy = beyond(py, view.height);
  cursor.px = px - dx;
  cursor.py = py - dy;
  if (dx === 0 && dy === 0) return 'cursor';
  view.panBy(-dx, -dy);
  return 'view';
}

/** How far a place lies outside of the middle of the window. */
function beyond(place: number, size: number): number {
  const edge = Math.min(EDGE, size / 4);
  return place < edge ? place - edge : Math.max(0, place - (size - edge));
}
