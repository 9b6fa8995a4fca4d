import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { QUICK, quickModel } from '../bench/quickModel.js';
import { drawn } from '../demo/drawn.js';
import { runCli } from '../server/cli.js';
import { useSession } from './session.js';

const session = useSession({ settings: { 'clipcov.model': quickModel() } });

it('keeps embeddings in the store folder of the settings, exports from there, and shows subsets that lie in it', async () => {
  const folder = join(session.folder, 'workspace');
  const stores = join(folder, 'stores');
  const dataset = join(folder, 'icons');
  await drawn(dataset, 300);
  await mkdir(join(folder, '.vscode'));
  await writeFile(
    join(folder, '.vscode', 'settings.json'),
    JSON.stringify({ 'clipcov.storeFolder': 'stores' }),
  );
  const workbench = await session.open(folder);
  await workbench.chooseInExplorer('icons', 'ClipCov: Select Subset…');
  const panel = await workbench.webview('ClipCov: icons');
  await panel.getByText(new RegExp(`^${stores}/icons-[0-9a-f]{8}/`)).waitFor({ timeout: 60_000 });
  await panel.getByRole('button', { name: 'Start' }).click();
  await panel
    .getByRole('grid', { name: 'Pairs' })
    .getByRole('gridcell')
    .first()
    .locator('img')
    .waitFor({ timeout: 120_000 });
  expect(existsSync(join(dataset, '.clipcov'))).toBe(false);
  const [own] = readdirSync(stores);
  expect(own).toMatch(/^icons-[0-9a-f]{8}$/);

  const out = join(folder, 'embeddings');
  await workbench.runPaletteCommand('ClipCov: Export Subset…');
  await workbench.choosePick('Embeddings');
  await workbench.answerFileDialog(out);
  await workbench.notification(/Exported/).waitFor();
  expect(readdirSync(out)).toContain('img_emb');
  await panel.getByRole('button', { name: 'Evaluate' }).waitFor();

  // As a selection saves it where the dataset's own folder cannot be written to.
  const elsewhere = join(stores, own!, 'subsets', 'elsewhere.clipcov.json');
  const choice = ['--budget', '20', ...QUICK, '--store', stores, '--out', elsewhere];
  const { code, stderr } = await runCli('select', dataset, ...choice);
  expect(code, stderr).toBe(0);
  await workbench.page.keyboard.press('Control+p');
  await workbench.quickInput.fill(elsewhere);
  await workbench.picks.first().click();
  const preview = await workbench.webview('elsewhere.clipcov.json');
  await preview.getByRole('gridcell').first().locator('img').waitFor({ timeout: 60_000 });
  await workbench.runPaletteCommand('ClipCov: Run Evaluation');
  await preview.getByRole('table', { name: 'Evaluation' }).waitFor({ timeout: 90_000 });
  const document = JSON.parse(readFileSync(elsewhere, 'utf8')) as { evaluation: unknown; imageRoot: string };
  expect(document.evaluation).not.toBeNull();
  expect(join(dirname(elsewhere), document.imageRoot)).toBe(dataset);
  expect(existsSync(join(dataset, '.clipcov'))).toBe(false);
});
