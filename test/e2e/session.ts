import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { artifacts } from '../setup/paths.js';
import { launchBrowser } from '../setup/browser.js';
import { startVscodeServer, type VscodeServer, type VscodeServerOptions } from '../setup/vscodeServer.js';
import { Workbench } from './workbench.js';

/** A real VS Code with the packed extension, a browser, and a folder that goes with the test file. */
export interface Session {
  folder: string;
  server: VscodeServer;
  /** Opens a window on a folder; what its page reports as an error of ours is kept in `problems`. */
  open(folder: string, size?: { width: number; height: number }): Promise<Workbench>;
  problems: string[];
}

export function useSession(options: Partial<VscodeServerOptions> = {}): Session {
  const session = { problems: [] as string[] } as Session;
  let browser: Browser;
  const pages: Page[] = [];
  beforeAll(async () => {
    session.folder = await mkdtemp(join(tmpdir(), 'clipcov-e2e-'));
    session.server = await startVscodeServer({ vsix: inject('vsix'), trust: 'all', ...options });
    browser = await launchBrowser();
    session.open = async (folder, size = { width: 1400, height: 900 }) => {
      const page = await (await browser.newContext({ viewport: size })).newPage();
      pages.push(page);
      page.on('console', (message) => {
        const text = message.text();
        // The workbench logs troubles of its own; ours name the policy, the panel or the extension.
        if (/Content.Security.Policy|clipcov|webview\.js/i.test(text) && message.type() === 'error')
          session.problems.push(text);
      });
      const workbench = new Workbench(page);
      await workbench.openFolder(session.server, folder);
      return workbench;
    };
  });
  afterEach(async ({ task }) => {
    const failed = task.result?.state === 'fail';
    for (const page of pages.splice(0)) {
      if (failed) await page.screenshot({ path: join(artifacts, `failed-${task.id}.png`) });
      await page.context().close();
    }
  });
  afterAll(async () => {
    await browser?.close();
    await session.server?.dispose();
    await rm(session.folder, { recursive: true, force: true });
  });
  return session;
}
