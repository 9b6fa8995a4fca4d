import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawn } from '../demo/drawn.js';
import { useSession } from './session.js';

const session = useSession();

/** Compute servers that run from this test's own installation of the extension. */
function computeServers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return (
          command.includes(session.server.data) && command.includes('cli.js') && command.includes('serve')
        );
      } catch {
        return false;
      }
    });
}

describe('faults', () => {
  it('says so when the compute server dies in mid-run, and the next run goes on', async () => {
    const folder = join(session.folder, 'killed');
    await drawn(join(folder, 'icons'), 1300);
    const workbench = await session.open(folder);
    await workbench.chooseInExplorer('icons', 'ClipCov: Select Subset…');
    const panel = await workbench.webview('ClipCov: icons');
    await panel.getByText('Usable pairs').waitFor({ timeout: 60_000 });
    await panel.getByRole('button', { name: 'Start' }).click();
    await panel
      .getByRole('list', { name: 'Pairs just looked at' })
      .locator('img')
      .first()
      .waitFor({ timeout: 60_000 });
    const [pid, ...others] = computeServers();
    expect(others).toEqual([]);
    process.kill(pid!, 'SIGKILL');
    const alert = panel.getByRole('alert').first();
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/server/i);
    expect(await alert.innerText()).not.toMatch(/\bat .*:\d+:\d+/);
    await workbench.screenshot('server-killed');
    await panel.getByRole('button', { name: 'Start' }).click();
    await panel.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 90_000 });
  });

  it('leaves no compute server behind when the window closes', async () => {
    const folder = join(session.folder, 'closed');
    await drawn(join(folder, 'icons'), 300);
    const workbench = await session.open(folder);
    await workbench.chooseInExplorer('icons', 'ClipCov: Select Subset…');
    const panel = await workbench.webview('ClipCov: icons');
    await panel.getByText('Usable pairs').waitFor({ timeout: 60_000 });
    expect(computeServers().length).toBeGreaterThan(0);
    await workbench.page.close();
    await session.server.dispose();
    await expect.poll(computeServers, { timeout: 5_000 }).toEqual([]);
  });
});
