import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchBrowser, SOFTWARE_WEBGL } from '../setup/browser.js';
import { artifacts } from '../setup/paths.js';
import { PanelPage } from './page.js';
import { STATES } from './panelStates.js';
import { LOOKS, overflows, violations } from './look.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => void (browser = await launchBrowser({ args: SOFTWARE_WEBGL })));
afterAll(() => browser?.close());

it('is looked at, moved and gone around by keys alone', async () => {
  const panel = await PanelPage.open(browser, { theme: 'dark', width: 900 });
  const { page } = panel;
  await panel.show(STATES.subset);
  await page.getByRole('tab', { name: 'Map' }).click();
  await page.getByRole('application').focus();
  const said = page.getByRole('status');
  for (let i = 0; i < 40 && !(await said.getByText(/^(Pick \d|Not picked) · /).isVisible()); i++)
    await page.keyboard.press(i % 2 ? 'ArrowRight' : 'ArrowUp');
  await said.getByText(/^(Pick [\d,]+|Not picked) · .* · (an icon|Read all pairs)/).waitFor();
  await page.keyboard.press('0');
  await page.keyboard.press('Space');
  for (let i = 0; i < 20; i++) await page.keyboard.press(i % 2 ? 'ArrowLeft' : 'ArrowDown');
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Show These Pairs' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Show These Pairs' }).waitFor({ state: 'detached' });
  // A class is left out, and comes back.
  const entry = page.getByRole('button', { name: /^Not picked/ });
  await entry.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => entry.getAttribute('aria-pressed')).toBe('false');
  await panel.close();
});

it('says what to do where there is no WebGL 2', async () => {
  const without = await launchBrowser({ args: ['--disable-3d-apis'] });
  const panel = await PanelPage.open(without, { theme: 'light', width: 800 });
  await panel.show(STATES.subset);
  await panel.page.getByRole('tab', { name: 'Map' }).click();
  await panel.page.getByText(/drawn with WebGL 2, which this window does not have/).waitFor();
  await without.close();
});

describe('the map shows what it should', () => {
  it.each(LOOKS)('in $theme, $width pixels wide', async ({ theme, width, rules }) => {
    const found: string[] = [];
    const panel = await PanelPage.open(browser, { theme, width });
    const { page } = panel;
    await page.evaluate(axe);
    const look = async (name: string): Promise<void> => {
      await page.waitForTimeout(300);
      if (rules === 'all')
        await page.screenshot({ path: join(artifacts, `map-${theme}-${width}-${name}.png`) });
      found.push(...(await violations(page, rules)).map((violation) => `${name}: ${violation}`));
      if (await overflows(page)) found.push(`${name}: wider than the window`);
    };
    await panel.show(STATES.subset);
    await page.getByRole('tab', { name: 'Map' }).click();
    await page.getByRole('application').waitFor();
    await look('picked');
    await page.getByRole('application').focus();
    for (let i = 0; i < 60 && !(await page.locator('clipcov-map .card').isVisible()); i++)
      await page.keyboard.press(i % 2 ? 'ArrowRight' : 'ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
    await look('details');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Plots' }).click();
    await page.getByRole('slider', { name: 'Budget' }).waitFor();
    await look('plots');
    // Narrow, the map is the same below.
    if (width < 600) {
      await panel.close();
      expect(found).toEqual([]);
      return;
    }
    await page.getByRole('slider', { name: 'Budget' }).focus();
    await page.keyboard.press('Home');
    await page.getByText('1 (1.67 %)').waitFor();
    await page.getByRole('tab', { name: 'Map' }).click();
    await page.getByRole('application').waitFor();
    for (const [choice, name] of [
      ['Class', 'class'],
      ['CLIP score', 'score'],
      ['Against clip-score-10pct', 'other'],
    ] as const) {
      await page.getByRole('combobox', { name: 'Colour' }).click();
      await page.getByRole('option', { name: choice }).click();
      await look(name);
    }
    await page.getByRole('combobox', { name: 'Projection' }).click();
    await page.getByRole('option', { name: 'UMAP' }).click();
    await page.getByText('Laid out by UMAP').waitFor();
    const box = (await page.getByRole('application').boundingBox())!;
    const corner = (x: number, y: number): [number, number] => [
      box.x + x * box.width,
      box.y + y * box.height,
    ];
    await page.getByRole('button', { name: 'Lasso' }).click();
    await page.mouse.move(...corner(0.3, 0.3));
    await page.mouse.down();
    for (const [x, y] of [
      [0.9, 0.3],
      [0.9, 0.8],
      [0.5, 0.9],
    ] as const)
      await page.mouse.move(...corner(x, y), { steps: 5 });
    await page.mouse.up();
    await page.mouse.move(2, 2);
    await page.getByText(/pairs lie within/).waitFor();
    await look('lasso');
    await page.getByRole('button', { name: 'Show These Pairs' }).click();
    await page.getByRole('tab', { name: 'Pairs', selected: true }).waitFor();
    await expect
      .poll(async () => (await panel.sent()).filter(({ type }) => type === 'rows').at(-1))
      .toMatchObject({ view: { where: { selected: true, within: { by: 'umap' } } } });
    await panel.close();
    expect(found).toEqual([]);
  });
});
