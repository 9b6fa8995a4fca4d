import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drawn } from '../demo/drawn.js';
import { openForm, startRun } from './selecting.js';
import { useSession } from './session.js';

const session = useSession();

it('cancels within a second from the panel, says so, and resumes what is done', async () => {
  const folder = join(session.folder, 'cancel');
  await drawn(join(folder, 'icons'), 500);
  const workbench = await session.open(folder);
  const panel = await openForm(workbench);
  await panel.getByRole('textbox', { name: /^Budget/ }).fill('20%');
  await startRun(panel);
  await panel.getByRole('button', { name: 'Cancel' }).click();
  // From the click itself: before it, the browser is asked whether the button holds still.
  const clicked = Date.now();
  await panel.getByText(/^Cancelled\. Run it again/).waitFor();
  expect(Date.now() - clicked).toBeLessThan(1_000);
  await workbench.screenshot('cancelled');
  const another = panel.getByRole('button', { name: 'New Selection' });
  if (await another.isVisible()) await another.click();
  await panel.getByRole('button', { name: 'Start' }).click();
  await panel.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 120_000 });
});
