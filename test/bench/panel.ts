import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { startProcess } from '../../extension/server/process.js';
import { launchBrowser } from '../setup/browser.js';
import type { Holdups } from './holdups.js';
import { CLI, median } from './measure.js';
import { servePage } from './pageServer.js';
import { panelData } from './panelData.js';
import { measuring } from './panelMeasuring.js';
import { PanelPage } from './panelPage.js';
import { FOLDER } from './synthetic.js';

/**
 * The panel on a million pairs: the built page in Chromium, the real server, and between them what the extension does.
 * Run with `npm run bench:panel [MINUTES] [PAIRS]` on an idle machine; a Chromium trace of the scrolling is kept.
 */
const minutes = Number(process.argv[2] ?? 10);
const pairs = Number(process.argv[3] ?? 1_000_000);
const OPENINGS = 5;
const SCROLL_MS = 15_000;
const FRAME_MS = 16;
const PLAIN_BOXES = 10_000;

const data = await panelData(pairs);
const server = await startProcess(CLI, () => undefined);
const browser = await launchBrowser();
const served = await servePage();
try {
  console.log(`${pairs.toLocaleString('en-US')} pairs, Chromium ${browser.version()} without a GPU`);
  for (const [name, subset] of [
    ['every tenth picked', data.tenth],
    ['all picked', data.whole],
  ] as const) {
    const times: number[] = [];
    const holdups: Holdups[] = [];
    for (let i = 0; i < OPENINGS; i++) {
      const opened = await firstRows(browser, subset);
      times.push(opened.firstRows);
      holdups.push(opened.holdups);
    }
    console.log(
      `first rows after opening, ${name}: ${median(times).toFixed(0)} ms (${times.map((time) => time.toFixed(0)).join(', ')}; limit 300)`,
    );
    console.log(holdupsSaid(...holdups));
  }
  const plain = await scrollPlain(browser);
  console.log(`a page of ${PLAIN_BOXES} plain boxes scrolled the same way: ${framesSaid(plain)}`);
  await use(browser, data.tenth);
} finally {
  await browser.close();
  served.close();
  await server.stop();
}

/** A subset in a page of its own, its first pairs drawn. */
async function open(
  browser: Browser,
  subset: string,
): Promise<{ page: Page; panel: PanelPage; firstRows: number; checked: Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  const panel = await PanelPage.on(page, server.handshake, subset);
  panel.watch();
  let checked = Promise.resolve();
  served.opened = () => (checked = panel.open());
  await page.goto(served.address);
  return { page, panel, firstRows: await panel.firstRows, checked };
}

/** From the page's birth, its script and the request for the subset included. */
async function firstRows(browser: Browser, subset: string): Promise<{ firstRows: number; holdups: Holdups }> {
  const { page, panel, firstRows, checked } = await open(browser, subset);
  // The next opening is not measured beside what follows this one.
  await checked;
  const holdups = await panel.watched();
  await page.context().close();
  await panel.close();
  return { firstRows, holdups };
}

async function use(browser: Browser, subset: string): Promise<void> {
  const { page, panel } = await open(browser, subset);
  await page.getByRole('combobox', { name: 'Show' }).selectOption('all');
  await page.waitForTimeout(2_000);
  for (const layout of ['Grid', 'Table']) {
    await page.getByRole('button', { name: layout, exact: true }).click();
    await page.waitForTimeout(1_500);
    const trace = join(FOLDER, `panel-${layout.toLowerCase()}.trace.json`);
    mkdirSync(FOLDER, { recursive: true });
    // No samples of the script, which slow it down.
    await browser.startTracing(page, { path: trace, categories: ['devtools.timeline', 'toplevel'] });
    panel.watch();
    const frames = await scroll(page);
    const holdups = await panel.watched();
    await browser.stopTracing();
    const size = `${(statSync(trace).size / 1e6).toFixed(0)} MB`;
    console.log(`${layout} scrolled: ${framesSaid(frames)} (limit 95 %); trace ${trace} (${size})`);
    console.log(holdupsSaid(holdups));
  }
  panel.watch();
  await memory(page);
  console.log(holdupsSaid(await panel.watched()));
  await page.context().close();
  await panel.close();
}

interface Frames {
  /** From each frame's beat until it is painted, and from the beat before, in milliseconds. */
  work: number[];
  gaps: number[];
}

function framesSaid({ work, gaps }: Frames): string {
  const share = (values: number[], limit: number): string =>
    `${((values.filter((value) => value < limit).length / values.length) * 100).toFixed(1)} %`;
  return (
    `${work.length} frames, ${share(work, FRAME_MS)} done within ${FRAME_MS} ms, median ${median(work).toFixed(1)} ms, ` +
    `longest ${Math.max(...work).toFixed(0)} ms; ${share(gaps, 1.5 * 16.67)} followed the one before without a missed beat`
  );
}

/** The worst of them. */
function holdupsSaid(...all: Holdups[]): string {
  const most = (of: keyof Holdups): string => Math.max(...all.map((one) => one[of])).toFixed(1);
  return (
    `  the host's thread was blocked by its own work for at most ${most('longestBlocked')} ms (limit 20); with what it waited for ` +
    `a core ${most('longest')} ms (${most('longestWaiting')} of them waiting), 99.9 % below ${most('nearly')} ms`
  );
}

/** What this machine and browser can do at best: boxes of one colour with a word in them, and no script but the measuring. */
async function scrollPlain(browser: Browser): Promise<Frames> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript('globalThis.__name = (value) => value; window.tellHost = () => undefined');
  await page.addInitScript(measuring);
  const box = '<div style="float:left;width:180px;height:220px;margin:4px;background:#334">word</div>';
  await page.goto('about:blank');
  await page.setContent(
    `<div role="grid" aria-label="Pairs" style="height:880px;overflow:auto">${box.repeat(PLAIN_BOXES)}</div>`,
  );
  await page.waitForTimeout(2_000);
  const frames = await scroll(page);
  await context.close();
  return frames;
}

/** Wheels down, and up, and leaps; frames are measured in the page. */
async function scroll(page: Page): Promise<Frames> {
  await page.getByRole('grid', { name: 'Pairs' }).hover();
  await page.evaluate('window.measureFrames()');
  const end = performance.now() + SCROLL_MS;
  for (let i = 0; performance.now() < end; i++) {
    // A steady wheel, and now and then a fling.
    await page.mouse.wheel(0, i % 50 < 45 ? 60 : 3_000);
    await page.waitForTimeout(8);
  }
  return (await page.evaluate('window.framesMeasured()')) as Frames;
}

/** What the page holds after everything has been used for some minutes, garbage collected before each look. */
async function memory(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const round = async (): Promise<void> => {
    const toolbar = page.getByRole('toolbar');
    for (const [show, sort] of [
      ['picked', 'gain'],
      ['all', 'clipScore'],
      ['dropped', 'cross'],
    ] as const) {
      await toolbar.getByRole('combobox', { name: 'Show' }).selectOption(show);
      await toolbar.getByRole('combobox', { name: 'Sort by' }).selectOption(sort);
      for (const layout of ['Table', 'Grid']) {
        await page.getByRole('button', { name: layout, exact: true }).click();
        await page.waitForTimeout(700);
        await page.getByRole('grid', { name: 'Pairs' }).hover();
        for (let i = 0; i < 40; i++) {
          await page.mouse.wheel(0, i % 10 === 9 ? 20_000 : 400);
          await page.waitForTimeout(30);
        }
      }
      // Some card in sight, once it is there; the one that has the focus may be far away.
      const close = page.getByRole('button', { name: 'Close details' });
      while (!(await close.isVisible())) {
        await page.mouse.click(300, 500);
        await page.waitForTimeout(700);
      }
      await close.click();
      await page.getByRole('searchbox', { name: 'Search captions' }).fill(`${show} 12`);
      await page.waitForTimeout(1_000);
      await page.getByRole('searchbox', { name: 'Search captions' }).fill('');
      await page.getByRole('button', { name: 'By class' }).click();
      await page.waitForTimeout(1_500);
      await page.getByRole('button', { name: 'By class' }).click();
      await page.waitForTimeout(500);
    }
  };
  await round();
  const first = await heap(session);
  const seen = [first];
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    await round();
    seen.push(await heap(session));
  }
  const last = seen.at(-1)!;
  console.log(
    `memory over ${minutes} minutes of use (${seen.length - 1} rounds): script ${megabytes(first.bytes)} to ${megabytes(last.bytes)}, ` +
      `at most ${megabytes(Math.max(...seen.map(({ bytes }) => bytes)))}; elements ${first.nodes} to ${last.nodes}, listeners ${first.listeners} to ${last.listeners}`,
  );
}

async function heap(session: CDPSession): Promise<{ bytes: number; nodes: number; listeners: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)!.value;
  return { bytes: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
