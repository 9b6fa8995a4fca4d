import type { FrameLocator } from 'playwright-core';
import type { Workbench } from './workbench.js';

/** Opens the panel of a dataset, and waits for its form. */
export async function openForm(workbench: Workbench, dataset = 'icons'): Promise<FrameLocator> {
  await workbench.chooseInExplorer(dataset, 'ClipCov: Select Subset…');
  const panel = await workbench.webview(`ClipCov: ${dataset}`);
  await panel.getByText('Usable pairs').waitFor({ timeout: 60_000 });
  return panel;
}

/** Starts a run from its form, and waits until it embeds. */
export async function startRun(panel: FrameLocator): Promise<void> {
  await panel.getByRole('button', { name: 'Start' }).click();
  const previews = panel.getByRole('list', { name: 'Pairs just looked at' });
  await previews.locator('img').first().waitFor({ timeout: 60_000 });
}
