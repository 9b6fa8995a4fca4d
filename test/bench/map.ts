import { launchBrowser, SOFTWARE_WEBGL } from '../setup/browser.js';
import { PanelPage } from '../e2e/page.js';
import { STATES } from '../e2e/panelStates.js';

/**
 * The map of a million pairs in the built page: how long until it is drawn, and how long frames take while it is moved. Drawn in
 * software, so that every machine can say; a GPU takes a fraction. `npm run bench:map [PAIRS]`.
 */
const rows = Number(process.argv[2] ?? 1_000_000);
const MOVES = 150;

const browser = await launchBrowser({ args: SOFTWARE_WEBGL });
const panel = await PanelPage.open(browser, { theme: 'dark', width: 1200, rows });
const { page } = panel;
await panel.show(STATES.subset);
const started = performance.now();
await page.getByRole('tab', { name: 'Map' }).click();
await page.getByRole('application').waitFor({ timeout: 120_000 });
console.log(`map of ${rows} pairs there after ${((performance.now() - started) / 1000).toFixed(1)} s`);
await page.waitForTimeout(4000);
/** One step of a movement a frame, as a pointer that is dragged makes; the times between frames. */
const frames = (await page.evaluate(`new Promise((resolve) => {
  const find = (root) => {
    for (const one of root.querySelectorAll('*')) {
      if (one.matches('.stage')) return one;
      const inner = one.shadowRoot && find(one.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const stage = find(document);
  const { left, top, width, height } = stage.getBoundingClientRect();
  const point = (i) => ({ clientX: left + width / 2, clientY: top + height / 2, deltaY: Math.sin(i / 9) * 40, bubbles: true, cancelable: true });
  const times = [];
  let last = performance.now();
  const step = (now) => {
    times.push(now - last);
    last = now;
    if (times.length > ${MOVES}) return resolve(times.slice(1));
    stage.dispatchEvent(new WheelEvent('wheel', point(times.length)));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`)) as number[];
const sorted = frames.toSorted((a, b) => a - b);
const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(1);
console.log(`while it moves: half of the frames within ${at(0.5)} ms, 95 % within ${at(0.95)} ms`);
await browser.close();
