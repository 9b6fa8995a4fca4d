import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../setup/browser.js';
import { artifacts } from '../setup/paths.js';
import { runCli, scratchFolder } from '../server/cli.js';
import { makeStore } from '../server/embeddings/npyFiles.js';
import { samplePairs } from '../server/selection/samples.js';

const folder = scratchFolder();
let browser: Browser;
beforeAll(async () => void (browser = await launchBrowser()));
afterAll(() => browser?.close());

it('a report opens with no error and no request, light, dark and in print', async () => {
  const store = makeStore(join(folder, 'store'), [{ number: '0', ...samplePairs(3, 700, 12) }]);
  const files = ['report.html', 'report.md', 'report.csv', 'report.json'].map((name) => join(folder, name));
  const { code, stderr } = await runCli(
    ...[
      'sweep',
      store,
      '--budgets',
      '5%,10%,20%',
      '--methods',
      'clipcov,clip-score,semdedup,random',
      '--kmeans',
      '5',
    ],
    ...['--device', 'cpu', ...files.flatMap((file) => ['--out', file])],
  );
  expect(code, stderr).toBe(0);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    expect(text.length).toBeGreaterThan(500);
    // A function of data and settings: no place of this machine is in it.
    expect(text).not.toContain(folder);
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1100, height: 1400 } });
    const page = await context.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const url = pathToFileURL(files[0]!).href;
    await page.goto(url);
    expect(await page.locator('figure').count()).toBeGreaterThan(4);
    expect(await page.locator('table').count()).toBe(3);
    // The style is allowed by its hash: without it the page has its default font.
    expect(await page.locator('body').evaluate('getComputedStyle(document.body).maxWidth')).toBe('1100px');
    expect([problems, requests]).toEqual([[], [url]]);
    await page.screenshot({ path: join(artifacts, `report-${colorScheme}.png`) });
    if (colorScheme === 'dark') {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('body').evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
    }
    await context.close();
  }
});
