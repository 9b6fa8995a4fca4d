import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { artifacts } from '../setup/paths.js';
import { launchBrowser } from '../setup/browser.js';
import { startVscodeServer, type VscodeServer, type VscodeServerOptions } from '../setup/vscodeServer.js';
import { Workbench } from './workbench.js';

/** A real VS Code with the packed extension, a browser, and a folder that goes with them. */
export interface Session {
  folder: string;
  server: VscodeServer;
  /** Opens a window on a folder; what its page reports as an error of ours is kept in `problems`. */
  open(folder: string, size?: { width: number; height: number }): Promise<Workbench>;
  problems: string[];
}

interface StartedSession extends Session {
  /** The pages of the windows that were opened. */
  pages: Page[];
  end(): Promise<void>;
}

export async function startSession(
  extensions: string,
  options: Partial<VscodeServerOptions> = {},
): Promise<StartedSession> {
  const folder = await mkdtemp(join(tmpdir(), 'clipcov-e2e-'));
  const [pages, problems]: [Page[], string[]] = [[], []];
  let [server, browser]: [VscodeServer?, Browser?] = [];
  const end = async (): Promise<void> => {
    await browser?.close();
    await server?.dispose();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const started = (server = await startVscodeServer({ extensions, trust: 'all', ...options }));
    const launched = (browser = await launchBrowser());
    const open: Session['open'] = async (path, size = { width: 1400, height: 900 }) => {
      const page = await (await launched.newContext({ viewport: size, reducedMotion: 'reduce' })).newPage();
      pages.push(page);
      page.on('console', (message) => {
        const text = message.text();
        // The workbench logs troubles of its own; ours name the policy, the panel or the extension.
        if (/Content.Security.Policy|clipcov|webview\.js/i.test(text) && message.type() === 'error')
          problems.push(text);
      });
      const workbench = new Workbench(page);
      await workbench.openFolder(started, path);
      return workbench;
    };
    return { folder, server: started, open, problems, pages, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A session for the tests of a file; each test's windows are closed after it. */
export function useSession(options: Partial<VscodeServerOptions> = {}): Session {
  const session = {} as StartedSession;
  beforeAll(async () => void Object.assign(session, await startSession(inject('extensions'), options)));
  afterEach(async ({ task }) => {
    const failed = task.result?.state === 'fail';
    for (const page of session.pages.splice(0)) {
      if (failed) await page.screenshot({ path: join(artifacts, `failed-${task.id}.png`) });
      await page.context().close();
    }
  });
  afterAll(() => session.end?.());
  return session;
}
