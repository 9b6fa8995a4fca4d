import { html, svg, type TemplateResult } from 'lit';
import { cssom } from '../dom/cssom.js';
import { count } from '../text/format.js';
import type { LegendEntry } from './colouring.js';
import { cssColour } from './themeColours.js';

/** What the colours stand for, with how many; each can be left out of the map. */
export function legend(
  entries: readonly LegendEntry[],
  palette: Float32Array,
  hidden: ReadonlySet<number>,
  toggle: (place: number) => void,
): TemplateResult {
  return html`<ul class="legend">
    ${entries.map(
      ({ label, colour, count: pairs }, place) =>
        html`<li>
          <button aria-pressed=${!hidden.has(place)} @click=${() => toggle(place)}>
            <svg viewBox="0 0 12 12" aria-hidden="true">
              ${svg`<circle cx="6" cy="6" r="5" ${cssom({ fill: hidden.has(place) ? 'none' : cssColour(palette, colour) })}></circle>`}
            </svg>
            <span class="name" dir="auto">${label}</span><span class="number muted">${count(pairs)}</span>
          </button>
        </li>`,
    )}
  </ul>`;
}
