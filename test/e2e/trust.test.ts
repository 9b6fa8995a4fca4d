import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drawn } from '../demo/drawn.js';
import { useSession } from './session.js';

const session = useSession({ trust: 'ask' });

it('offers no selection in a folder that is not trusted', async () => {
  const folder = join(session.folder, 'untrusted');
  await drawn(join(folder, 'icons'), 300);
  const workbench = await session.open(folder);
  await workbench.dialogButton("No, I don't trust the authors").click({ timeout: 30_000 });
  // The log may be read without trust: once the palette has it, it would have the selection too.
  await workbench.runPaletteCommand('ClipCov: Show Server Log');
  await workbench.page.keyboard.press('F1');
  await workbench.quickInput.fill('>ClipCov');
  await workbench.pick('ClipCov: Show Server Log').waitFor();
  const offered = await workbench.picks.allInnerTexts();
  expect(
    offered.filter((text) => /Select Subset|Run Evaluation|Export Subset|Choose Model/.test(text)),
  ).toEqual([]);
  await workbench.screenshot('untrusted');
});
