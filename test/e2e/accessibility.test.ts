import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../setup/browser.js';
import { artifacts, root } from '../setup/paths.js';
import { LOOKS, overflows, violations } from './look.js';
import { PanelPage } from './page.js';
import { STATES } from './panelStates.js';
import { RESULTS } from './resultStates.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => void (browser = await launchBrowser()));
afterAll(() => browser?.close());

describe('nothing stands in anybody’s way', () => {
  it.each(LOOKS)('in $theme, $width pixels wide', async ({ theme, width, rules }) => {
    const found: string[] = [];
    const panel = await PanelPage.open(browser, { theme, width });
    const { page } = panel;
    await page.evaluate(axe);
    const look = async (name: string): Promise<void> => {
      const picture = `page-${theme}-${width}-${name.replaceAll(' ', '-')}.png`;
      if (rules === 'all') await page.screenshot({ path: join(artifacts, picture) });
      found.push(...(await violations(page, rules)).map((violation) => `${name}: ${violation}`));
      if (await overflows(page)) found.push(`${name}: wider or higher than the window`);
    };
    for (const [name, state] of Object.entries({ ...STATES, ...RESULTS })) {
      await panel.show(state);
      await look(name);
    }
    await panel.show(STATES.form);
    await page.getByRole('textbox', { name: /^Budget/ }).fill('none');
    await page.getByText('Advanced: weights').click();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('12 rows are skipped').click();
    await look('form with a mistake');
    await panel.show(STATES.subset);
    await page.getByRole('gridcell').first().waitFor();
    await page.getByRole('gridcell').nth(1).click();
    await page.getByText('Picked as number').waitFor();
    await look('details of a pick');
    await panel.show(STATES['subset with all pairs']);
    await page.getByRole('combobox', { name: 'Show' }).selectOption('all');
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.waitForTimeout(200);
    await look('table of all pairs');
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('button', { name: 'By class' }).click();
    await page.waitForTimeout(200);
    await look('table by class');
    for (const tab of ['Summary', 'Evaluation']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.waitForTimeout(100);
      await look(tab);
    }
    await panel.close();
    expect(found).toEqual([]);
  });
});

it('speaks German where VS Code does', async () => {
  const bundle = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.de.json'), 'utf8')) as Record<
    string,
    string
  >;
  const panel = await PanelPage.open(browser, {
    theme: 'dark',
    width: 1000,
    language: { name: 'de', bundle },
  });
  await panel.show(STATES['form of a known dataset']);
  await panel.page.getByRole('button', { name: 'Fortsetzen' }).waitFor();
  await panel.page.getByText('963 von 9.636 Paaren').waitFor();
  await panel.page.screenshot({ path: join(artifacts, 'page-german.png'), fullPage: true });
  await panel.close();
});

it('tells its host what is to be done', async () => {
  const panel = await PanelPage.open(browser, { theme: 'light', width: 1000 });
  const { page } = panel;
  await panel.show(STATES['form of a known dataset']);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Repeat clipcov · 10%' }).click();
  await page.getByRole('combobox', { name: 'Preset' }).click();
  await page.getByRole('option', { name: 'Many near duplicates' }).click();
  await page.getByRole('button', { name: 'Copy Command Line' }).click();
  await panel.show(STATES['folder without captions']);
  await page.getByText('No image of this folder has a caption.').waitFor();
  expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
  await panel.show(STATES.running);
  await page.getByRole('button', { name: 'Pause' }).click();
  await panel.show(RESULTS['findings with pairs']);
  await page.getByRole('button', { name: 'Show the pairs of: Finding of uniqueness' }).click();
  await page.getByRole('checkbox', { name: 'Leave out: Finding of uniqueness' }).click();
  await page.getByRole('button', { name: 'Select Without the Ticked…' }).click();
  await page.getByRole('button', { name: 'images/3.png' }).click();
  await page.getByText('<img src=x onerror=alert(1)>').waitFor();
  const sent = (await panel.sent()).filter(({ type }) => type !== 'ready');
  expect(sent).toMatchObject([
    { type: 'command', command: 'resume' },
    { type: 'repeat', id: 2 },
    { type: 'copyCommand', options: { method: 'clipcov', budget: '10%', nearDuplicates: 0.05 } },
    { type: 'pause' },
    { type: 'listFinding', finding: 'finding-1' },
    { type: 'selectWithout', findings: ['finding-1'] },
    { type: 'openImage', id: 3 },
  ]);
  await panel.close();
});
