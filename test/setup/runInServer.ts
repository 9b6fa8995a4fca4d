// Takes the arguments of a desktop VS Code that is to run extension tests, runs the same tests in the extension
// host of a real VS Code server with its workbench in Chromium, and ends with their exit code.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { artifacts } from './paths.js';
import { startVscodeServer } from './vscodeServer.js';

const minutes = 60_000;
/** Until the first line of the tests; a workbench that fails to load reports nothing by itself. */
const startLimit = 2 * minutes;
const wholeLimit = Number(process.env['EXTENSION_TESTS_MINUTES'] ?? 15) * minutes;

const { values, positionals } = parseArgs({
  options: {
    extensionDevelopmentPath: { type: 'string', multiple: true },
    extensionTestsPath: { type: 'string' },
    'disable-workspace-trust': { type: 'boolean' },
  },
  // A desktop VS Code has many more, which say nothing to a server.
  strict: false,
  allowPositionals: true,
});

/** What the workbench says of itself, among what the tests print. */
const ownReports =
  /^(Resolv\w+ connection token|Creating a socket|\w+ \w* ?additional builtin extensions|ChatSessionStore|\[Service Worker\])/;

/** The exit code that the extension host reports for the tests. */
async function testsResult(page: Page, url: string): Promise<number> {
  const timers: NodeJS.Timeout[] = [];
  const result = new Promise<number>((resolve, reject) => {
    const fail = (what: string) => (): void => reject(new Error(what));
    timers.push(setTimeout(fail('The tests did not start.'), startLimit));
    timers.push(setTimeout(fail(`The tests did not end in ${wholeLimit / minutes} minutes.`), wholeLimit));
    page.once('crash', fail('The workbench crashed.'));
    page.once('close', fail('The workbench was closed.'));
    const open = async (): Promise<void> => {
      await page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) => {
        if (ownReports.test(String(args[0]))) return;
        clearTimeout(timers[0]);
        (type === 'error' || type === 'warn' ? console.error : console.log)(...args);
      });
      await page.exposeFunction('codeAutomationExit', resolve);
      await page.goto(url);
    };
    open().catch(reject);
  });
  return result.finally(() => timers.forEach((timer) => clearTimeout(timer)));
}

async function main(): Promise<number> {
  const { extensionTestsPath } = values;
  if (typeof extensionTestsPath !== 'string')
    throw new Error('This only runs tests: give --extensionTestsPath=…');
  await mkdir(artifacts, { recursive: true });
  const server = await startVscodeServer({
    smokeTestDriver: true,
    trust: values['disable-workspace-trust'] === true ? 'all' : 'ask',
    log: path.join(artifacts, 'extension-tests-server.log'),
  });
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const url = server.folderUrl(positionals[0] ?? server.data, {
      extensionDevelopmentPaths: (values.extensionDevelopmentPath ?? []).map(String),
      extensionTestsPath,
    });
    try {
      return await testsResult(page, url);
    } catch (error) {
      await page.screenshot({ path: path.join(artifacts, 'extension-tests.png') }).catch(() => undefined);
      throw error;
    }
  } finally {
    await browser?.close();
    await server.dispose();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 1;
});
