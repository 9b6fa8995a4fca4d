import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FrameLocator } from 'playwright-core';
import { drawn, type DrawnPairs } from '../demo/drawn.js';
import { openForm } from './selecting.js';
import { useSession } from './session.js';
import type { Workbench } from './workbench.js';

/** How often the whole flow is done; ten times in a row before a release. */
const REPEATS = Number(process.env['E2E_REPEATS'] ?? 1);
const HOSTILE = [
  '<img src=x onerror="window.pwned = 1">',
  '<script>window.pwned = 1</script>',
  '\u202eright to left\u202c مرحبا 👩‍👩‍👧',
  'control \u0007\u001b[31m characters',
  'long '.repeat(2000),
];

const session = useSession({ settings: { 'workbench.colorTheme': 'Default Dark Modern' } });

async function makeDataset(name: string, pairs: DrawnPairs): Promise<string> {
  const folder = join(session.folder, name);
  await drawn(join(folder, 'icons'), pairs);
  return folder;
}

async function startSelection(workbench: Workbench, budget: string): Promise<FrameLocator> {
  const panel = await openForm(workbench);
  await panel.getByRole('textbox', { name: /^Budget/ }).fill(budget);
  return panel;
}

describe('the whole flow in the real workbench', () => {
  for (let round = 1; round <= REPEATS; round++)
    it(`right-click, progress, previews, subset, preview, evaluation, export (${round})`, async () => {
      const folder = await makeDataset(`flow-${round}`, 300);
      const table = join(folder, 'icons', 'pairs.csv');
      const first = readFileSync(table, 'utf8').split('\n')[1]!.split(',')[0]!;
      for (const caption of HOSTILE) appendFileSync(table, `${first},"${caption.replaceAll('"', '""')}"\n`);
      const workbench = await session.open(folder);
      const { page } = workbench;

      const panel = await startSelection(workbench, '100%');
      await panel.getByText('/icons/.clipcov/').waitFor();
      await workbench.screenshot('flow-1-form');
      const stage = panel.getByRole('list', { name: 'Stages' }).locator('[aria-current=step]');
      const previews = panel.getByRole('list', { name: 'Pairs just looked at' });
      // All at once: so few pairs may be embedded while one after another is waited for.
      await Promise.all([
        stage.filter({ hasText: 'Embed' }).waitFor({ timeout: 60_000 }),
        previews.locator('img').first().waitFor({ timeout: 60_000 }),
        workbench.statusItem(/ClipCov: .*pairs\/s.*cpu/).waitFor({ timeout: 60_000 }),
        panel.getByRole('button', { name: 'Start' }).click(),
      ]);
      await workbench.screenshot('flow-2-running');

      await panel.getByRole('tab', { name: 'Evaluation' }).waitFor({ timeout: 90_000 });
      await panel.getByRole('button', { name: 'Evaluate' }).waitFor();
      const grid = panel.getByRole('grid', { name: 'Pairs' });
      await grid.getByRole('gridcell').first().locator('img').waitFor();
      await workbench.screenshot('flow-3-picks');
      await panel.getByRole('tab', { name: 'Summary' }).click();
      await panel.getByRole('table', { name: 'Objective' }).waitFor();
      await workbench.screenshot('flow-4-summary');
      await panel.getByRole('tab', { name: 'Evaluation' }).click();
      await expect
        // The picks are there before the evaluation is, which takes its time on a busy machine.
        .poll(
          () => panel.getByRole('table', { name: 'Evaluation' }).getByText('Cross-covariance error').count(),
          { timeout: 60_000 },
        )
        .toBeGreaterThan(0);
      await workbench.screenshot('flow-5-evaluation');
      const subset = join(folder, 'icons', 'subsets', 'clipcov-100pct.clipcov.json');
      expect(existsSync(subset)).toBe(true);
      expect(existsSync(subset.replace('.clipcov.json', '.parquet'))).toBe(true);

      // The saved document opens as a preview, not as JSON.
      await panel.getByRole('button', { name: 'Open Preview' }).click();
      const preview = await workbench.webview('clipcov-100pct.clipcov.json');
      await preview.getByRole('gridcell').first().locator('img').waitFor({ timeout: 30_000 });
      await workbench.screenshot('flow-6-preview');

      const evaluated = JSON.parse(readFileSync(subset, 'utf8')) as { evaluation: unknown };
      await workbench.runPaletteCommand('ClipCov: Run Evaluation');
      await preview.getByRole('progressbar').waitFor({ timeout: 30_000 });
      await preview.getByRole('progressbar').waitFor({ state: 'detached', timeout: 60_000 });
      expect(JSON.parse(readFileSync(subset, 'utf8'))).toEqual(evaluated);

      const out = join(folder, 'train.csv');
      await workbench.runPaletteCommand('ClipCov: Export Subset…');
      await workbench.choosePick('OpenCLIP CSV');
      await workbench.answerFileDialog(out);
      await workbench.notification(/Exported/).waitFor();
      const lines = readFileSync(out, 'utf8').split('\n');
      expect(lines[0]).toBe('filepath\ttitle');
      expect(lines[1]!.startsWith(join(folder, 'icons', 'images'))).toBe(true);

      // Hostile captions are text, wherever they are shown, and nothing was refused by the policy.
      const frames = page.frames();
      const pwned = await Promise.all(
        frames.map((frame) => frame.evaluate('window.pwned').catch(() => undefined)),
      );
      expect(pwned.every((value) => value === undefined)).toBe(true);
      expect(session.problems).toEqual([]);
    });
});

it('opens on a table whose columns it asks for, in a narrow window', async () => {
  const folder = await makeDataset('narrow', 300);
  const table = join(folder, 'icons', 'pairs.csv');
  const [, ...rows] = readFileSync(table, 'utf8').split('\n');
  writeFileSync(table, ['picture,$(bug) words', ...rows].join('\n'));
  const workbench = await session.open(join(folder, 'icons'));
  await workbench.chooseInExplorer('pairs.csv', 'ClipCov: Select Subset…');
  const panel = await workbench.webview('ClipCov: pairs.csv');
  await panel.getByText('The table has no image column and no caption column').waitFor({ timeout: 60_000 });
  await workbench.screenshot('narrow-columns');
  await panel.getByRole('button', { name: 'Choose Columns…' }).click();
  await workbench.choosePick('picture');
  await workbench.choosePick('$ (bug) words');
  await panel.getByText('Usable pairs').waitFor({ timeout: 60_000 });
  await workbench.page.setViewportSize({ width: 720, height: 900 });
  await workbench.screenshot('narrow-form');

  const choose = async (field: string, choice: string): Promise<void> => {
    await panel.getByRole('combobox', { name: field }).click();
    await panel.getByRole('option', { name: choice, exact: true }).click();
  };
  const names = join(folder, 'names.txt');
  writeFileSync(names, 'a red thing\na blue thing\na green thing\n');
  await choose('Method', 'Steps…');
  await panel
    .getByRole('textbox', { name: /^Steps/ })
    .fill('near-duplicates:0.05 | clip-score:60% | clipcov');
  await choose('Latent classes', 'From a file…');
  await workbench.screenshot('narrow-steps');
  await panel.getByRole('button', { name: 'Start' }).click();
  await workbench.answerFileDialog(names);
  // Whoever turns to something else is told when the run is done.
  await panel.getByRole('button', { name: 'Cancel' }).waitFor({ timeout: 60_000 });
  await workbench.explorerRow('ATTRIBUTION.md').click();
  const done = /^ClipCov is done: Selecting from pairs\.csv/;
  await workbench.notification(done).waitFor({ timeout: 120_000 });
  await workbench.answerNotification(done, 'Show It');
  const shown = await workbench.webview('ClipCov: pairs.csv');
  await shown.getByRole('tab', { name: 'Summary' }).waitFor({ timeout: 120_000 });
  await shown.getByRole('tab', { name: 'Summary' }).click();
  await shown.getByText('zero-shot, 3 names of names.txt').first().waitFor();
});
