import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Locator } from 'playwright-core';
import { quickModel } from '../bench/quickModel.js';
import { drawn } from '../demo/drawn.js';
import { runCli } from '../server/cli.js';
import { useSession } from './session.js';
import type { Workbench } from './workbench.js';

const session = useSession({ settings: { 'workbench.colorTheme': 'Default Dark Modern' } });

const rows = ({ page }: Workbench): Locator => page.locator('.pane-body .monaco-list-row[role=treeitem]');
const row = (workbench: Workbench, text: string | RegExp): Locator =>
  rows(workbench).filter({ hasText: text });

async function showSubsets(workbench: Workbench): Promise<void> {
  await workbench.runPaletteCommand('ClipCov: Focus on Subsets View');
  await workbench.page.locator('.composite.title').getByText('ClipCov').first().waitFor();
}

it('lists datasets, subsets, their evaluation and embeddings, follows the files, and deletes when told to', async () => {
  const folder = join(session.folder, 'listed');
  const icons = join(folder, 'icons');
  await drawn(icons, 300);
  const workbench = await session.open(folder);
  await showSubsets(workbench);
  await workbench.page.getByText('There is no subset in this workspace yet').waitFor({ timeout: 30_000 });
  await workbench.page.getByRole('button', { name: 'Make Demonstration Dataset…' }).waitFor();
  await workbench.screenshot('subsets-1-empty');

  const select = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await runCli(
      'select',
      icons,
      '--device',
      'cpu',
      '--model',
      quickModel(),
      ...args,
    );
    expect(code, stderr).toBe(0);
  };
  await select('--budget', '20', '--evaluate', '--out', 'first');
  // Nobody refreshes: the watcher sees the document.
  await row(workbench, 'first').waitFor({ timeout: 30_000 });
  await select('--budget', '10', '--method', 'random', '--out', '[x](command:y)');
  await row(workbench, '[x] (command:y)').waitFor({ timeout: 30_000 });
  const first = row(workbench, 'first');
  expect(await first.innerText()).toMatch(/20 of 3\d\d pairs · clipcov · 20/);
  await row(workbench, 'Embeddings of quick-clip').waitFor();
  expect(await row(workbench, 'icons').first().innerText()).toContain('2 subsets');
  await first.locator('.monaco-tl-twistie').click();
  await row(workbench, 'Evaluation').locator('.monaco-tl-twistie').click();
  await row(workbench, 'Cross-covariance error').first().waitFor();
  await workbench.screenshot('subsets-2-listed');

  // One that is not a subset says so, and harms nothing.
  writeFileSync(join(icons, 'subsets', 'broken.clipcov.json'), '{');
  await row(workbench, 'broken').filter({ hasText: 'cannot be read' }).waitFor({ timeout: 30_000 });
  appendFileSync(join(icons, 'subsets', 'broken.clipcov.json'), ' ');

  await first.click();
  const preview = await workbench.webview('first.clipcov.json');
  await preview.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 30_000 });

  await row(workbench, '[x] (command:y)').click({ button: 'right' });
  expect(await workbench.menuEntries()).toEqual([
    'Open Preview',
    'Open as Text',
    '',
    'Run Evaluation',
    'Export Subset…',
    '',
    'Reveal in Explorer View',
    'Copy Path',
    '',
    'Delete',
  ]);
  await workbench.chooseMenuItem('Delete');
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByText('Delete the subset [x] (command:y).clipcov.json?').waitFor();
  await workbench.screenshot('subsets-3-delete');
  await workbench.dialogButton('Cancel').click();
  const document = join(icons, 'subsets', '[x](command:y).clipcov.json');
  expect(existsSync(document)).toBe(true);
  const toTrash = workbench.dialogButton('Move to Trash');
  await workbench.chooseFromMenuOf(row(workbench, '[x] (command:y)'), 'Delete', toTrash);
  await toTrash.click();
  // A server has no trash: it says so before anything is lost, once for both files.
  await dialog.getByText('.clipcov.json cannot be moved to a trash here').waitFor();
  await workbench.dialogButton('Delete Permanently').click();
  await expect.poll(() => existsSync(document)).toBe(false);
  expect(existsSync(document.replace('.clipcov.json', '.parquet'))).toBe(false);
  await row(workbench, '[x] (command:y)').waitFor({ state: 'detached' });
  expect(session.problems).toEqual([]);
});

it(
  'pauses a run, keeps it over a reload of the window, and goes on with it',
  { timeout: 300_000 },
  async () => {
    const folder = join(session.folder, 'paused');
    await drawn(join(folder, 'icons'), 500);
    const workbench = await session.open(folder);
    await workbench.chooseInExplorer('icons', 'ClipCov: Select Subset…');
    let panel = await workbench.webview('ClipCov: icons');
    await panel.getByText('Usable pairs').waitFor({ timeout: 60_000 });
    await panel.getByRole('textbox', { name: /^Budget/ }).fill('7%');
    await panel.getByRole('button', { name: 'Start' }).click();
    const looked = (): Locator =>
      panel.getByRole('list', { name: 'Pairs just looked at' }).locator('img').first();
    await looked().waitFor({ timeout: 60_000 });
    await panel.getByRole('button', { name: 'Pause' }).click();
    await panel.getByText('This run is paused.').waitFor();
    await workbench.screenshot('paused');

    await panel.getByRole('button', { name: 'Resume' }).click();
    await looked().waitFor({ timeout: 60_000 });
    // Nothing is written of a run that is as young as this; the reload comes in the middle of a part.
    await workbench.page.reload();
    await workbench.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    panel = await workbench.webview('ClipCov: icons');
    await panel.getByText('This run was interrupted when its window closed.').waitFor({ timeout: 60_000 });
    await workbench.screenshot('interrupted');
    await panel.getByRole('button', { name: 'Resume' }).click();
    await panel.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 150_000 });
    const saved = join(folder, 'icons', 'subsets', 'clipcov-7pct.clipcov.json');
    const { parameters } = JSON.parse(readFileSync(saved, 'utf8')) as { parameters: { budget: string } };
    expect(parameters.budget).toBe('7%');
    // It is disabled until the evaluation is over.
    await panel.getByRole('button', { name: 'New Selection' }).click({ timeout: 120_000 });
    await panel.getByRole('button', { name: 'Repeat clipcov · 7%' }).waitFor({ timeout: 60_000 });
    expect(await panel.getByText('This run was interrupted').count()).toBe(0);
    await panel.getByText('none: all embeddings are there').waitFor();
    await workbench.screenshot('repeat');
    expect(session.problems).toEqual([]);
  },
);
