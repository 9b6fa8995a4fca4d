import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../setup/browser.js';
import { PanelPage } from './page.js';
import { STATES } from './panelStates.js';

let browser: Browser;
beforeAll(async () => void (browser = await launchBrowser()));
afterAll(() => browser?.close());

it('cuts where the line of the curve is dragged to, and saves that', async () => {
  const panel = await PanelPage.open(browser, { theme: 'light', width: 1000 });
  const { page } = panel;
  await panel.show(STATES.subset);
  await page.getByRole('tab', { name: 'Plots' }).click();
  const slider = page.getByRole('slider', { name: 'Budget' });
  await slider.waitFor();
  const save = page.getByRole('button', { name: 'Save as Subset…' });
  expect(await save.isDisabled()).toBe(true);
  const chart = (await page.getByRole('img', { name: /^Sum of gains/ }).boundingBox())!;
  // The axis goes from 52 to 446 of a width of 460.
  const x = (share: number): number => chart.x + ((52 + share * 394) / 460) * chart.width;
  const y = chart.y + chart.height / 2;
  await page.mouse.move(x(1), y);
  await page.mouse.down();
  await page.mouse.move(x(0.7), y, { steps: 3 });
  await page.mouse.move(x(0.5), y + 300, { steps: 3 });
  await page.getByText('30 (50 %)').waitFor();
  await page.mouse.up();
  await page.mouse.move(x(0.2), y);
  await page.getByText('Of the first 30 picks none has a CLIP score below').waitFor();
  await expect.poll(() => slider.inputValue()).toBe('30');
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  await page.getByText('29 (48.3 %)').waitFor();
  await save.click();
  expect((await panel.sent()).at(-1)).toEqual({ type: 'cut', picks: 29 });
  await panel.close();
});
