import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FrameLocator } from 'playwright-core';
import { assemble } from '../demo/assemble.js';
import { openForm, startRun } from '../e2e/selecting.js';
import { startSession } from '../e2e/session.js';
import type { Workbench } from '../e2e/workbench.js';
import { installedExtension } from '../setup/installedExtension.js';
import { artifacts } from '../setup/paths.js';
import { computeServers, extensionHosts, windowServers } from '../setup/processes.js';
import { growth, quarters, usageOf, type Quantity, type Usage } from './usage.js';

/** Whose usage is measured. */
type Part = 'window server' | 'extension host' | 'compute server';

export interface SoakedWorkbench {
  /** Windows that were opened, used, reloaded and closed, and uses of one that stayed open. */
  windows: number;
  uses: number;
  /** Medians of the second quarter and of the last. */
  usage: Partial<Record<Part, Record<Quantity, [early: number, late: number]>>>;
  grown: string[];
}

/** As few as give a preview, so that a run can be met while it goes on. */
const PAIRS = 300;
const PANEL = 'ClipCov: icons';
/** What the panel is hidden behind. */
const BESIDE = 'notes.txt';
/** A window that is closed takes its processes along in this time. */
const ENDED_MS = 10_000;

/**
 * Uses a real workbench over and over: windows that are opened, reloaded and closed, then one that stays. What stays must
 * take no more for it, and nothing may be left of what was closed.
 */
export async function soakWorkbench(windows: number, uses = windows): Promise<SoakedWorkbench> {
  const temporary = mkdtempSync(join(tmpdir(), 'clipcov-soak-'));
  const session = await startSession(await installedExtension(), { env: { TMPDIR: temporary } });
  const samples: Record<Part, Usage[]> = { 'window server': [], 'extension host': [], 'compute server': [] };
  const measure = (part: Part, [pid]: number[]): void => {
    if (pid === undefined) throw new Error(`there is no ${part}`);
    samples[part].push(usageOf(pid, [folder, temporary]));
  };
  const folder = join(session.folder, 'soak');
  const dataset = join(folder, 'icons');
  const say = (done: string): void =>
    console.error(`${done}: ${JSON.stringify(Object.values(samples).map((of) => of.at(-1)))}`);
  try {
    await assemble(dataset, { pairs: PAIRS });
    writeFileSync(join(folder, BESIDE), '');
    for (let round = 1; round <= windows; round++) {
      const workbench = await session.open(folder);
      await use(workbench, dataset);
      await reload(workbench);
      await workbench.page.goto('about:blank');
      await workbench.page.context().close();
      await ended(() => [...computeServers(session.server), ...extensionHosts(session.server)]);
      measure('window server', windowServers(session.server));
      if (round % 10 === 0) say(`${round} windows`);
    }
    const workbench = await session.open(folder);
    for (let round = 1; round <= uses; round++) {
      await use(workbench, dataset);
      await workbench.closeTab(PANEL);
      measure('extension host', extensionHosts(session.server));
      measure('compute server', computeServers(session.server));
      if (round % 10 === 0) say(`${round} uses`);
    }
    const parts = Object.entries(samples) as [Part, Usage[]][];
    return {
      windows,
      uses,
      usage: Object.fromEntries(parts.map(([part, of]) => [part, quarters(of)])),
      grown: parts.flatMap(([part, of]) => {
        // In VS Code's own server nothing of ours runs. Its memory grows by one to two megabytes a window that is opened, and by
        // none while one is used: that is told, and not judged.
        const what = growth(of, part === 'window server' ? ['handles', 'threads'] : undefined);
        return what === null ? [] : [`${part}: ${what}`];
      }),
    };
  } catch (error) {
    // What is seen says more than what was waited for.
    const seen = session.pages.at(-1)?.screenshot({ path: join(artifacts, 'soak.png') });
    await seen?.catch(() => undefined);
    throw error;
  } finally {
    await session.end();
    await ended(() => computeServers(session.server));
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A run that is cancelled, one to its end, and the panel hidden behind a table meanwhile. */
async function use(workbench: Workbench, dataset: string): Promise<void> {
  // Everything is embedded anew, so that there is a run to be met.
  for (const part of ['.clipcov', 'subsets']) await removed(join(dataset, part));
  const panel = await openForm(workbench);
  await startRun(panel);
  await cancel(panel);
  const another = panel.getByRole('button', { name: 'New Selection' });
  if (await another.isVisible()) await another.click();
  await panel.getByRole('button', { name: 'Start' }).click();
  await workbench.explorerRow(BESIDE).click();
  await workbench.tab(BESIDE).waitFor();
  // A panel that was hidden is drawn anew when it is shown.
  const shown = await workbench.webview(PANEL);
  await shown.getByRole('tab', { name: 'Evaluation' }).waitFor({ timeout: 180_000 });
  // It can be pressed once the evaluation is over.
  await shown.getByRole('button', { name: 'New Selection' }).click({ trial: true, timeout: 120_000 });
  await workbench.closeTab(BESIDE);
}

/** The form may still look at what the last run has embedded, and write what it has seen into a folder that goes. */
async function removed(folder: string): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (tries === 20) throw error;
      await pause(250);
    }
}

/** Unless the run came to its end first. */
async function cancel(panel: FrameLocator): Promise<void> {
  await panel
    .getByRole('button', { name: 'Cancel' })
    .click({ timeout: 1_000 })
    .catch(() => undefined);
  await panel
    .getByText(/^Cancelled\. Run it again/)
    .or(panel.getByRole('tab', { name: 'Pairs' }))
    .first()
    .waitFor();
}

async function reload(workbench: Workbench): Promise<void> {
  await workbench.page.reload();
  await workbench.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await (await workbench.webview(PANEL)).getByText('Usable pairs').waitFor({ timeout: 60_000 });
}

async function ended(processes: () => number[]): Promise<void> {
  const end = Date.now() + ENDED_MS;
  while (processes().length > 0) {
    if (Date.now() > end) throw new Error(`processes were left behind: ${processes().join(', ')}`);
    await pause(50);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [windows = 50, uses = windows] = process.argv.slice(2).map(Number);
  const soaked = await soakWorkbench(windows, uses);
  console.log(JSON.stringify(soaked));
  if (soaked.grown.length > 0) process.exitCode = 1;
}
