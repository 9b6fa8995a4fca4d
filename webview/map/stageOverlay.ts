import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { cssom } from '../dom/cssom.js';
import type { Cursor } from './cursor.js';
import type { Viewport } from './viewport.js';

/** What is drawn around pairs, in the map's coordinates; whole once it is closed. */
export interface Outline {
  corners: number[];
  closed: boolean;
}

type Place = [px: number, py: number];

/** How far what is said of a point stands from it. */
const AWAY = 12;

/** What is drawn over the points: an outline, the cursor of the keys, and rings around the points that are meant. */
export function overlay({
  outline,
  cursor,
  found,
  opened,
}: {
  outline: (Outline & { view: Viewport }) | null;
  cursor: Cursor | null;
  found: Place | null;
  opened: Place | null;
}): TemplateResult {
  return html`<svg aria-hidden="true">
    ${outline ? svg`<path class="lasso" d=${pathOf(outline)}></path>` : ''}
    ${cursor ? svg`<path class="cross" d="M${cursor.px - 9} ${cursor.py}h18M${cursor.px} ${cursor.py - 9}v18"></path>` : ''}
    ${ring(found, 'ring')} ${ring(opened, 'opened')}
  </svg>`;
}

function pathOf({ corners, closed, view }: Outline & { view: Viewport }): string {
  const places: string[] = [];
  for (let i = 0; i < corners.length; i += 2)
    places.push(
      view
        .toWindow(corners[i]!, corners[i + 1]!)
        .map((p) => p.toFixed(1))
        .join(' '),
    );
  return `M${places.join('L')}${closed ? 'Z' : ''}`;
}

function ring(place: Place | null, name: string): SVGTemplateResult | '' {
  return place ? svg`<circle class=${name} cx=${place[0]} cy=${place[1]} r="7"></circle>` : '';
}

/** Room for what is said of a point, on the side of it that has some. */
export function beside([px, py]: Place, { width, height }: Viewport): TemplateResult {
  const away = (place: number, size: number): string =>
    place > size / 2 ? `calc(-100% - ${AWAY}px)` : `${AWAY}px`;
  const transform = `translate(${away(px, width)}, ${away(py, height)})`;
  return html`<div class="beside" ${cssom({ left: `${px}px`, top: `${py}px`, transform })}>
    <slot></slot>
  </div>`;
}
