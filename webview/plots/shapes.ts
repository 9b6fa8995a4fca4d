import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { Distributions } from '../../server/protocol/pairs.js';
import { count, evenScore, percent } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

export const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [460, 190, 52, 14, 12, 26];

/** Where the picks that a budget takes end, as a share of the plot's width. */
export function xOf(share: number): number {
  return LEFT + share * (WIDTH - LEFT - RIGHT);
}

/** Which share of the plot's width lies at a place of the window, of a drawing that fills `of`. */
export function shareAt(clientX: number, of: Pick<DOMRect, 'left' | 'width'>): number {
  const x = ((clientX - of.left) / Math.max(of.width, 1)) * WIDTH;
  return Math.min(1, Math.max(0, (x - LEFT) / (WIDTH - LEFT - RIGHT)));
}

export function yOf(share: number): number {
  return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
}

/** What stands along the axes, and where the lower one starts and ends. */
export interface Axes {
  x: string;
  y: string;
  from: string;
  to: string;
}

export function plot(content: SVGTemplateResult, { x, y, from, to }: Axes, label: string): TemplateResult {
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  const foot = HEIGHT - 8;
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
    ${svg`<line class="axis" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${yOf(0)} y2=${yOf(0)}></line>
      <text class="tick" x=${LEFT} y=${foot}>${from}</text>
      <text class="tick" x=${middle} y=${foot} text-anchor="middle">${x}</text>
      <text class="tick" x=${WIDTH - RIGHT} y=${foot} text-anchor="end">${to}</text>
      <text class="tick" transform="translate(12 ${yOf(0.5)}) rotate(-90)" text-anchor="middle">${y}</text>`}${content}
  </svg>`;
}

/** A line through shares of the greatest, with what the greatest is. */
export function line(points: readonly { x: number; y: number }[], top: string): SVGTemplateResult {
  const path = points.map(({ x, y }, i) => `${i ? 'L' : 'M'}${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`);
  return svg`<path class="line" d=${path.join('')}></path>
    <text class="tick" x=${LEFT - 6} y=${TOP + 8} text-anchor="end">${top}</text>`;
}

/**
 * Bins of all pairs as an outline, of the first picks as bars, each as shares of its own sum, and the lowest score of these
 * picks as a line. That is a threshold by a method that ranks by score, and true by any other: what the outline has above
 * it was passed over.
 */
export function scoreBars(
  { from, to, all, picked }: Distributions['scores'],
  cut: { picks: number; lowest: number; scores: readonly number[] } | null,
): TemplateResult {
  const sum = (bins: readonly number[]): number =>
    Math.max(
      1,
      bins.reduce((a, b) => a + b, 0),
    );
  const first = cut?.scores ?? picked;
  const own = first.map((value) => value / sum(first));
  const whole = all?.map((value) => value / sum(all)) ?? [];
  const most = Math.max(...own, ...whole, 1e-9);
  const width = (WIDTH - LEFT - RIGHT) / picked.length;
  const outline = whole.map(
    (share, i) =>
      `${i ? 'H' : 'M'}${xOf(i / picked.length).toFixed(1)}${i ? '' : ` ${yOf(0)}`}V${yOf(share / most).toFixed(1)}`,
  );
  return plot(
    svg`${own.map(
      (share, i) =>
        svg`<rect class="bar" x=${xOf(i / picked.length)} width=${width * 0.9} y=${yOf(share / most)} height=${yOf(0) - yOf(share / most)}></rect>`,
    )}
      ${all ? svg`<path class="outline" d="${outline.join('')}H${xOf(1)}V${yOf(0)}"></path>` : ''}
      ${cut ? lowestLine((cut.lowest - from) / (to - from), evenScore(cut.lowest)) : ''}
      <text class="tick" x=${LEFT - 6} y=${TOP + 8} text-anchor="end">${percent(most, 1)}</text>`,
    { x: t('CLIP score'), y: t('Share of pairs'), from: evenScore(from), to: evenScore(to) },
    t('CLIP scores from {0} to {1}: picks as bars, all pairs as an outline', evenScore(from), evenScore(to)),
  );
}

/** Its number stands on the side that has the room. */
function lowestLine(share: number, text: string): SVGTemplateResult {
  const x = xOf(Math.min(1, Math.max(0, share)));
  const isRight = share > 0.7;
  return svg`<line class="cut" x1=${x} x2=${x} y1=${TOP} y2=${yOf(0)}></line>
    <text class="tick" x=${isRight ? x - 5 : x + 5} y=${TOP + 8} text-anchor=${isRight ? 'end' : 'start'}>≥ ${text}</text>`;
}

/** A row a class or a part: its name, a bar for each share, and the numbers. */
export function bars(
  head: string[],
  rows: readonly { name: string; shares: (number | null)[]; numbers: string[] }[],
): TemplateResult {
  const most = Math.max(...rows.flatMap(({ shares }) => shares.map((share) => share ?? 0)), 1e-9);
  return html`<table>
    <thead>
      <tr>
        ${head.map((name, i) => html`<th scope="col" class=${i > 1 ? 'number' : ''}>${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, shares, numbers }) =>
          html`<tr>
            <th scope="row" dir="auto">${visibleText(name)}</th>
            <td class="bars">
              <svg viewBox="0 0 100 ${6 * shares.length}" preserveAspectRatio="none" aria-hidden="true">
                ${shares.map((share, i) => svg`<rect class=${i ? 'own' : 'whole'} x="0" y=${6 * i + 1} height="4" width=${(100 * (share ?? 0)) / most}></rect>`)}
              </svg>
            </td>
            ${numbers.map((number) => html`<td class="number">${number}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export function shareOf(part: number, all: number): string {
  return `${count(part)} (${percent(part, all)})`;
}
