import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { quickModel } from '../bench/quickModel.js';
import { drawn } from '../demo/drawn.js';
import { picture, write } from '../server/cli.js';
import { useSession } from './session.js';

const session = useSession({ settings: { 'clipcov.model': quickModel() } });

it('reports on a dataset, selects without what was found, compares methods, evaluates a model, plans a cluster run', async () => {
  const folder = join(session.folder, 'results');
  await drawn(join(folder, 'icons'), 300);
  const workbench = await session.open(join(folder, 'icons'));

  await workbench.runPaletteCommand('ClipCov: Dataset Report');
  await workbench.choosePick('icons');
  const report = await workbench.webview('Dataset report: icons');
  const finding = report.getByRole('row', { name: /Same image as an earlier pair/ });
  await finding.getByRole('button', { name: /Show the pairs/ }).click({ timeout: 120_000 });
  const pairs = report.getByRole('table', { name: 'Pairs of the finding', exact: true });
  await pairs.getByRole('row').nth(1).waitFor({ timeout: 60_000 });
  // Decoded: it has a width of its own.
  await expect
    .poll(() =>
      pairs
        .locator('img')
        .first()
        .evaluate((image) => (image as HTMLImageElement).naturalWidth),
    )
    .toBeGreaterThan(0);
  await workbench.screenshot('dataset-report');
  await finding.getByRole('checkbox').click();
  await report.getByRole('button', { name: 'Select Without the Ticked…' }).click();

  const panel = await workbench.webview('ClipCov: icons');
  await panel.getByText('Left out, as the dataset report has found them').waitFor({ timeout: 60_000 });
  await panel.getByRole('button', { name: 'Start' }).click();
  await panel.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 120_000 });
  const subset = join(folder, 'icons/subsets/clipcov-10pct.clipcov.json');
  const { parameters } = JSON.parse(readFileSync(subset, 'utf8')) as {
    parameters: { excludeFindings: string[] };
  };
  expect(parameters.excludeFindings).toEqual(['duplicate-image']);
  // The next command is for when the evaluation that follows is done.
  await expect
    .poll(() => (JSON.parse(readFileSync(subset, 'utf8')) as { evaluation: unknown }).evaluation, {
      timeout: 60_000,
    })
    .not.toBeNull();

  await workbench.runPaletteCommand('ClipCov: Compare Methods…');
  await workbench.choosePick('icons');
  await workbench.pick('clipcov').waitFor();
  await workbench.quickInput.press('Enter');
  await workbench.answerInput('10%', 'Budgets, separated by commas');
  await workbench.choosePick('Go on without labelled sets');
  const methods = await workbench.webview('Methods: icons');
  await methods.getByRole('columnheader', { name: /neg-clip-loss:30%/ }).waitFor({ timeout: 120_000 });
  await workbench.screenshot('methods-compared');

  const birds = join(session.folder, 'birds');
  for (let i = 0; i < 6; i++)
    await write(join(birds, ['arrow', 'cloud'][i % 2]!, `${i}.png`), await picture(i));
  await workbench.runPaletteCommand('ClipCov: Evaluate Model…');
  await workbench.choosePick('icon-clip');
  await workbench.quickInput.press('Enter');
  await workbench.choosePick('Add folders…');
  // The list comes back as soon as the dialog is gone.
  await workbench.picks.filter({ hasText: '..' }).first().waitFor();
  await workbench.quickInput.fill(birds);
  await workbench.page.waitForTimeout(500);
  await workbench.quickInput.press('Enter');
  await workbench.choosePick('Go on');
  await workbench.choosePick('Only show the results');
  const models = await workbench.webview('Evaluate Model');
  await models.getByRole('row', { name: /birds acc1/ }).waitFor({ timeout: 60_000 });

  // What would be submitted to a cluster is shown; nothing is.
  // A panel whose result has just come may take the focus, and a list that loses it goes.
  await vi.waitFor(
    async () => {
      await workbench.runPaletteCommand('ClipCov: Plan Cluster Run…');
      await workbench.choosePick('icons');
    },
    { timeout: 60_000, interval: 1_000 },
  );
  await workbench.answerInput('10%', 'Budget: a share such as 10%');
  await workbench.answerInput('2', 'Tasks that embed');
  await workbench.page.getByText('#SBATCH').first().waitFor({ timeout: 30_000 });
  expect(session.problems).toEqual([]);
});
