import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../setup/browser.js';
import { artifacts } from '../setup/paths.js';
import { PanelPage, THEMES } from './page.js';
import { STATES } from './panelStates.js';
import { overflows, violations } from './look.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WebGL in software, as a machine without a GPU has it. */
const SOFTWARE = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

let browser: Browser;
beforeAll(async () => void (browser = await launchBrowser({ args: SOFTWARE })));
afterAll(() => browser?.close());

describe.each(THEMES)('the map in %s', (theme) => {
  it.each([400, 1200])('shows what it should, %i pixels wide', async (width) => {
    const found: string[] = [];
    const panel = await PanelPage.open(browser, { theme, width });
    const { page } = panel;
    await page.evaluate(axe);
    const look = async (name: string): Promise<void> => {
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(artifacts, `map-${theme}-${width}-${name}.png`) });
      found.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
      if (await overflows(page)) found.push(`${name}: wider than the window`);
    };
    await panel.show(STATES.subset);
    await page.getByRole('tab', { name: 'Map' }).click();
    await page.getByRole('application').waitFor();
    await look('picked');
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
    await panel.close();
    expect(found).toEqual([]);
  });
});
