import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quickModel } from '../bench/quickModel.js';
import { drawn } from '../demo/drawn.js';
import { useSession } from './session.js';

const session = useSession({ settings: { 'clipcov.model': quickModel() } });

it('selects, looks at the picks and exports without a mouse', async () => {
  const folder = join(session.folder, 'keys');
  await drawn(join(folder, 'icons'), 300);
  const workbench = await session.open(join(folder, 'icons'));
  const { keyboard } = workbench.page;
  const command = async (title: string): Promise<void> => {
    await expect
      .poll(
        async () => {
          await keyboard.press('Escape');
          await keyboard.press('F1');
          await keyboard.type(title);
          await workbench.page.waitForTimeout(500);
          // What Enter takes is the row in focus, and the list may still be of fewer letters.
          return workbench.pick(title, '.focused').isVisible();
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    await keyboard.press('Enter');
  };
  /** Presses a key until the focus is where it should be; what cannot be reached is found out here. */
  const pressUntil = async (key: string, reached: () => Promise<boolean>): Promise<void> => {
    for (let presses = 0; presses < 60; presses++) {
      if (await reached()) return;
      await keyboard.press(key);
      await workbench.page.waitForTimeout(30);
    }
    await workbench.screenshot('keyboard-lost');
    throw new Error(`${key} does not lead there`);
  };

  await command('ClipCov: Select Subset…');
  await workbench.pick('icons').waitFor();
  await keyboard.press('Enter');
  const panel = await workbench.webview('ClipCov: icons');
  await panel.getByText('Usable pairs').waitFor({ timeout: 60_000 });
  const hasFocus = (selector: string): Promise<boolean> =>
    panel.locator('body').evaluate((_, wanted) => {
      let at = document.activeElement;
      for (; at; at = at.shadowRoot?.activeElement ?? null) if (at.matches(wanted)) return true;
      return false;
    }, selector);

  // The budget has the focus from the start; a method is chosen by arrows.
  await expect.poll(() => hasFocus('vscode-text-field[name=budget]')).toBe(true);
  await keyboard.press('Control+a');
  await keyboard.type('30');
  await pressUntil('Tab', () => hasFocus('vscode-dropdown[name=preset]'));
  await pressUntil('Tab', () => hasFocus('vscode-dropdown[name=method]'));
  await pressUntil('Tab', () => hasFocus('vscode-text-field[name=seed]'));
  await keyboard.press('Control+a');
  await keyboard.type('3');
  await pressUntil('Tab', () => hasFocus('vscode-checkbox[name=nearDuplicates]'));
  await keyboard.press('Space');
  await panel.getByRole('textbox', { name: /^Near-duplicate distance/ }).waitFor();
  await pressUntil('Tab', () => hasFocus('vscode-button'));
  await keyboard.press('Enter');

  await panel.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 120_000 });
  await panel.getByRole('gridcell').first().locator('img').waitFor({ timeout: 30_000 });
  await pressUntil('Tab', () => hasFocus('[role=tab]'));
  const isChosen = (name: string) => (): Promise<boolean> =>
    panel.getByRole('tab', { name, selected: true }).isVisible();
  await pressUntil('ArrowRight', isChosen('Summary'));
  await panel.getByRole('table', { name: 'Objective' }).waitFor();
  await pressUntil('ArrowLeft', isChosen('Pairs'));
  await pressUntil('Tab', () => hasFocus('[role=gridcell]'));
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await panel.getByRole('button', { name: 'Close details' }).waitFor();
  await workbench.screenshot('keyboard-details');
  await panel.getByRole('button', { name: 'Evaluate' }).waitFor();

  await command('ClipCov: Export Subset…');
  await workbench.pick('OpenCLIP CSV').waitFor();
  await keyboard.press('Enter');
  const out = join(folder, 'train.csv');
  await workbench.answerFileDialog(out);
  await workbench.notification(/Exported 30 pairs/).waitFor();
  expect(readFileSync(out, 'utf8').split('\n').length).toBe(32);
  const saved = readFileSync(join(folder, 'icons', 'subsets', 'clipcov-30.clipcov.json'), 'utf8');
  const { parameters } = JSON.parse(saved) as { parameters: Record<string, unknown> };
  expect(parameters).toMatchObject({ budget: '30', seed: 3, nearDuplicates: 0.05 });
  expect(session.problems).toEqual([]);
});
