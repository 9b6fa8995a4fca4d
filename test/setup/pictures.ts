import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '../demo/assemble.js';
import { openForm, startRun } from '../e2e/selecting.js';
import { startSession } from '../e2e/session.js';
import { installedExtension } from './installedExtension.js';
import { root } from './paths.js';

/**
 * `npm run pictures`: makes the pictures of the README anew, in a real workbench with the packed extension: a selection of 10 % that
 * runs, its picks, its evaluation.
 */
const PAIRS = 1_200;
const OUT = join(root, 'docs', 'images');

const session = await startSession(await installedExtension(), {
  settings: { 'workbench.colorTheme': 'Default Dark Modern' },
});
try {
  const folder = join(session.folder, 'demo');
  await assemble(join(folder, 'icons'), { pairs: PAIRS });
  const workbench = await session.open(folder);
  const picture = async (name: string): Promise<void> =>
    copyFileSync(await workbench.screenshot(`picture-${name}`), join(OUT, `${name}.png`));
  const panel = await openForm(workbench);
  await panel.getByRole('textbox', { name: /^Budget/ }).fill('10%');
  await startRun(panel);
  await workbench.statusItem(/ClipCov: .*pairs\/s/).waitFor({ timeout: 60_000 });
  await picture('running');
  const pairs = panel.getByRole('grid', { name: 'Pairs' });
  await pairs.getByRole('gridcell').first().locator('img').waitFor({ timeout: 180_000 });
  const evaluation = panel.getByRole('table', { name: 'Evaluation' });
  await panel.getByRole('tab', { name: 'Evaluation' }).click();
  await evaluation.getByText('Cross-covariance error').first().waitFor({ timeout: 120_000 });
  await picture('evaluation');
  await panel.getByRole('button', { name: 'Open Preview' }).click();
  const preview = await workbench.webview('clipcov-10pct.clipcov.json');
  const cells = preview.getByRole('gridcell');
  await cells.nth(14).locator('img').waitFor({ timeout: 60_000 });
  await picture('picks');
} finally {
  await session.end();
}
