import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser, Locator } from 'playwright-core';
import { launchBrowser, SOFTWARE_WEBGL } from '../setup/browser.js';
import { artifacts } from '../setup/paths.js';
import { PanelPage } from './page.js';
import { STATES } from './panelStates.js';

let browser: Browser;
beforeAll(async () => void (browser = await launchBrowser({ args: SOFTWARE_WEBGL })));
afterAll(() => browser?.close());

it('shows what a point is beside it, and in full when it is clicked or Enter is pressed', async () => {
  const panel = await PanelPage.open(browser, { theme: 'dark', width: 1000 });
  const { page } = panel;
  await panel.show(STATES.subset);
  await page.getByRole('tab', { name: 'Map' }).click();
  const stage = page.getByRole('application');
  const box = (await stage.boundingBox())!;
  const card = page.locator('clipcov-map .card');
  const mapHasFocus = (): Promise<boolean> => stage.evaluate((one) => one.matches(':focus'));
  /** Looks at one point after the other until one says this. */
  const pointAt = async (said: RegExp): Promise<[number, number]> => {
    for (let i = 0; i < 900; i++) {
      const place: [number, number] = [
        box.x + box.width * (0.25 + (0.5 * (i % 30)) / 30),
        box.y + box.height * (0.2 + (0.6 * Math.floor(i / 30)) / 30),
      ];
      await page.mouse.move(...place);
      if (!(await card.isVisible())) continue;
      // A pair is asked for when the pointer rests.
      await expect.poll(() => card.locator('.caption').count()).toBe(1);
      if (said.test(await card.innerText())) return place;
    }
    throw new Error('No such point was found.');
  };
  const picked = await pointAt(/an icon of thing/);
  const caption = await card.locator('.caption').innerText();
  await page.getByRole('status').getByText(caption).waitFor();
  await page.screenshot({ path: join(artifacts, 'map-card.png') });
  await page.mouse.click(...picked);
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByText(caption).waitFor();
  await details.getByText('Picked as number').waitFor();
  // The focus stays with the map until one goes on to the details.
  await details.getByRole('button', { name: /^an icon of thing number 6, cosine/ }).click();
  await details.getByText('an icon of thing number 6', { exact: true }).waitFor();
  await details.getByRole('button', { name: 'Force Out' }).click();
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });
  await expect.poll(mapHasFocus).toBe(true);

  const dropped = await pointAt(/Read all pairs to see/);
  await page.mouse.click(...dropped);
  await details.getByRole('button', { name: 'Read All Pairs' }).click();
  // By keys: the cursor is where the pointer was, before a frame is drawn in which the map is wide again.
  const close = await page.getByRole('button', { name: 'Close details' }).elementHandle();
  await stage.evaluate(async (one, button) => {
    (button as HTMLElement).click();
    for (let turn = 0; turn < 100; turn++) await null;
    one.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true }));
  }, close);
  await details.getByRole('button', { name: 'Read All Pairs' }).waitFor();
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });
  // A map that is moved opens nothing.
  await page.mouse.move(...picked);
  await page.mouse.down();
  await page.mouse.move(picked[0] + 60, picked[1] + 20, { steps: 4 });
  await page.mouse.up();
  expect(await details.count()).toBe(0);
  const sent = (await panel.sent()).filter(({ type }) => type === 'mark' || type === 'command');
  expect(sent).toEqual([
    { type: 'mark', ids: [18], how: 'out' },
    { type: 'command', command: 'readPairs' },
  ]);
  await panel.close();
});

it('makes no map for who only goes past its tab', async () => {
  const panel = await PanelPage.open(browser, { theme: 'light', width: 900 });
  const { page } = panel;
  await panel.show(STATES.subset);
  const tab = (name: string): Locator => page.getByRole('tab', { name });
  const focus = (name: string): Promise<boolean> => tab(name).evaluate((one) => one.matches(':focus'));
  const isChosen = async (name: string): Promise<void> =>
    page.getByRole('tab', { name, selected: true }).waitFor();
  const maps = async (): Promise<number> => (await panel.sent()).filter(({ type }) => type === 'map').length;
  await tab('Pairs').focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => focus('Map')).toBe(true);
  await isChosen('Pairs');
  await page.keyboard.press('ArrowRight');
  await isChosen('Plots');
  await expect.poll(() => focus('Plots')).toBe(true);
  await page.keyboard.press('End');
  await isChosen('Evaluation');
  await page.keyboard.press('Home');
  await isChosen('Pairs');
  // Who leaves the tabs comes back to the one that is chosen.
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => focus('Map')).toBe(true);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  await expect.poll(() => focus('Pairs')).toBe(true);
  expect(await maps()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await isChosen('Map');
  await page.getByRole('application').waitFor();
  expect(await maps()).toBe(1);
  await panel.close();
});
