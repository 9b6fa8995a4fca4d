import { html, svg, type TemplateResult } from 'lit';
import type { MeasureInfo, SweepReport } from '../../server/protocol/evaluation.js';
import { ALL_PAIRS } from '../../server/report/labelledTable.js';
import { count, score } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

type Budgets = SweepReport['budgets'];

/** Measures that are drawn; all are in the tables. */
const DRAWN = [
  'on-average-cosine-acc1',
  'linear-cosine-text-1',
  'covarianceError',
  'classesCovered',
  'clipScore',
];
const MOST_CHARTS = 4;

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [360, 190, 52, 14, 10, 30];
/** Dashes tell lines apart where colours do not. */
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2', '10 4', '4 4', '3 1'];

/** A few measures against the budget, a line a method; the tables have the numbers. */
export function budgetCharts(budgets: Budgets): TemplateResult {
  const { measures, columns } = budgets[0]!.report;
  const names = columns.map(({ name }) => name).filter((name) => name !== ALL_PAIRS);
  const drawn = DRAWN.flatMap((name) => measures.filter((measure) => measure.name === name)).slice(
    0,
    MOST_CHARTS,
  );
  return html`<ul class="legend">
      ${names.map(
        (name, i) =>
          html`<li>
            <svg viewBox="0 0 30 8" width="30" height="8" aria-hidden="true">
              ${svg`<path class="line s${i % 8}" stroke-dasharray=${DASHES[i % 8]!} d="M0 4H30"/>`}
            </svg>
            ${visibleText(name)}
          </li>`,
      )}
    </ul>
    <div class="charts">${drawn.map((measure) => chart(budgets, measure, names))}</div>`;
}

function chart(
  budgets: Budgets,
  { name: measure, label }: MeasureInfo,
  names: readonly string[],
): TemplateResult {
  const series = names.map((name) =>
    budgets.flatMap(({ pairs, report }) => {
      const value = report.columns.find((column) => column.name === name)?.values[measure];
      return value ? [{ pairs, ...value }] : [];
    }),
  );
  const all = series.flat();
  const [x0, x1] = widened(all.map(({ pairs }) => pairs));
  const [y0, y1] = widened(all.flatMap(({ mean, sd }) => [mean - sd, mean + sd]));
  const x = (pairs: number): number => LEFT + ((pairs - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - y0) / (y1 - y0)) * (HEIGHT - BOTTOM - TOP);
  const ticks = [0, 0.5, 1].map((share) => y0 + share * (y1 - y0));
  return html`<figure>
    <figcaption>${visibleText(label)}</figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label=${t('{0} against the number of pairs; the table has the numbers', visibleText(label))}
    >
      ${ticks.map(
        (value) =>
          svg`<line class="grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(value)} y2=${y(value)}></line>
            <text class="tick" x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${score(value)}</text>`,
      )}
      ${budgets.map(
        ({ pairs }) =>
          svg`<text class="tick" x=${x(pairs)} y=${HEIGHT - BOTTOM + 16} text-anchor="middle">${count(pairs)}</text>`,
      )}
      ${series.map(
        (points, i) =>
          svg`<path class="line s${i % 8}" stroke-dasharray=${DASHES[i % 8]!}
              d=${points.map(({ pairs, mean }, j) => `${j ? 'L' : 'M'}${x(pairs)} ${y(mean)}`).join('')}></path>
            ${points.map(
              ({ pairs, mean, sd }) =>
                svg`<line class="line s${i % 8}" x1=${x(pairs)} x2=${x(pairs)} y1=${y(mean - sd)} y2=${y(mean + sd)}></line>
                  <circle class="dot s${i % 8}" cx=${x(pairs)} cy=${y(mean)} r="3"></circle>`,
            )}`,
      )}
    </svg>
  </figure>`;
}

/** A little room on both sides, and some where there is one value only. */
function widened(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = high > low ? (high - low) * 0.08 : Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}
