import { escaped } from './escaped.js';

/** One method's values of a measure, by budget. */
export interface Series {
  name: string;
  points: { x: number; mean: number; sd: number }[];
}

const WIDTH = 420;
const HEIGHT = 230;
const LEFT = 56;
const BOTTOM = 34;
const TOP = 10;
const RIGHT = 12;
/** Dashes tell lines apart where colours do not: in print, and to eyes that see them alike. */
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2', '10 4', '4 4', '3 1'];

/** A line chart as SVG: a measure against the number of pairs, with a bar of one sd to each side. */
export function lineChart(title: string, series: Series[]): string {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return '';
  const xs = points.map(({ x }) => x);
  const ys = points.flatMap(({ mean, sd }) => [mean - sd, mean + sd]);
  const [x0, x1] = widened(Math.min(...xs), Math.max(...xs));
  const [y0, y1] = widened(Math.min(...ys), Math.max(...ys));
  const x = (value: number): number => LEFT + ((value - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - y0) / (y1 - y0)) * (HEIGHT - BOTTOM - TOP);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => y0 + share * (y1 - y0));
  const grid = ticks.map(
    (value) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(value))}" y2="${at(y(value))}"/>` +
      `<text class="tick" x="${LEFT - 6}" y="${at(y(value) + 4)}" text-anchor="end">${shortNumber(value)}</text>`,
  );
  const budgets = [...new Set(xs)].sort((a, b) => a - b);
  const axis = budgets.map(
    (value) =>
      `<text class="tick" x="${at(x(value))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${value.toLocaleString('en-US')}</text>`,
  );
  const lines = series.map(({ points: own }, i) => {
    const path = own.map((point, j) => `${j ? 'L' : 'M'}${at(x(point.x))} ${at(y(point.mean))}`).join('');
    const bars = own
      .filter(({ sd }) => sd > 0)
      .map(
        (point) =>
          `<line class="s${i % 8}" x1="${at(x(point.x))}" x2="${at(x(point.x))}" y1="${at(y(point.mean - point.sd))}" y2="${at(y(point.mean + point.sd))}"/>`,
      );
    const dots = own.map(
      (point) => `<circle class="s${i % 8} dot" cx="${at(x(point.x))}" cy="${at(y(point.mean))}" r="3"/>`,
    );
    return `<path class="s${i % 8}" stroke-dasharray="${DASHES[i % 8]}" d="${path}"/>${bars.join('')}${dots.join('')}`;
  });
  return (
    `<figure><figcaption>${escaped(title)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${title} against the number of pairs; the table has the numbers`)}">` +
    `${grid.join('')}${axis.join('')}<text class="tick" x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">pairs</text>` +
    `${lines.join('')}</svg></figure>`
  );
}

/** Shares over bins or classes, a line a method; `ends` are what the first and the last stand for. */
export function shareChart(title: string, series: readonly number[][], ends: [string, string]): string {
  const most = Math.max(...series.flat(), 1e-9);
  const length = Math.max(...series.map((shares) => shares.length));
  const x = (i: number): number => LEFT + (i / Math.max(1, length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => HEIGHT - BOTTOM - (share / most) * (HEIGHT - BOTTOM - TOP);
  const grid = [0, 0.5, 1].map(
    (part) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(part * most))}" y2="${at(y(part * most))}"/>` +
      `<text class="tick" x="${LEFT - 6}" y="${at(y(part * most) + 4)}" text-anchor="end">${(100 * part * most).toFixed(1)} %</text>`,
  );
  const lines = series.map(
    (shares, i) =>
      `<path class="s${i % 8}" stroke-dasharray="${DASHES[i % 8]}" d="${shares.map((share, j) => `${j ? 'L' : 'M'}${at(x(j))} ${at(y(share))}`).join('')}"/>`,
  );
  return (
    `<figure><figcaption>${escaped(title)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${title}, a line for each method`)}">${grid.join('')}` +
    `<text class="tick" x="${LEFT}" y="${HEIGHT - BOTTOM + 16}">${escaped(ends[0])}</text>` +
    `<text class="tick" x="${WIDTH - RIGHT}" y="${HEIGHT - BOTTOM + 16}" text-anchor="end">${escaped(ends[1])}</text>${lines.join('')}</svg></figure>`
  );
}

/** The lines' names with a piece of each line. */
export function legend(names: string[]): string {
  const items = names.map(
    (name, i) =>
      `<li><svg viewBox="0 0 30 8" width="30" height="8" aria-hidden="true"><path class="s${i % 8}" stroke-dasharray="${DASHES[i % 8]}" d="M0 4H30"/></svg> ${escaped(name)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** A little room on both sides, so that no point lies on the edge, and some where there is one value only. */
function widened(low: number, high: number): [number, number] {
  const room = high > low ? (high - low) * 0.08 : Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

function at(value: number): string {
  return value.toFixed(1);
}

export function shortNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3);
}
