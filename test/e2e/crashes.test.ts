import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble } from '../demo/assemble.js';
import { drawn } from '../demo/drawn.js';
import { contentsOf } from '../faults/contents.js';
import { runCli } from '../server/cli.js';
import { computeServers, extensionHosts } from '../setup/processes.js';
import { openForm, startRun } from './selecting.js';
import { useSession } from './session.js';

const session = useSession();
const servers = (): number[] => computeServers(session.server);

describe('crashes', () => {
  it('loses nothing when the extension host is killed in mid-run: the run is offered to be gone on with', async () => {
    const folder = join(session.folder, 'host-killed');
    const quiet = join(session.folder, 'quiet', 'icons');
    await assemble(join(folder, 'icons'), { pairs: 400 });
    cpSync(join(folder, 'icons'), quiet, { recursive: true });
    const workbench = await session.open(folder);
    const panel = await openForm(workbench);
    await startRun(panel);
    const hosts = extensionHosts(session.server);
    expect(hosts.length).toBe(1);
    process.kill(hosts[0]!, 'SIGKILL');
    await expect.poll(servers, { timeout: 5_000 }).toEqual([]);
    await workbench.page.reload();
    await workbench.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    const again = await workbench.webview('ClipCov: icons');
    await again.getByText(/was interrupted/).waitFor({ timeout: 60_000 });
    await workbench.screenshot('host-killed');
    await again.getByRole('button', { name: 'Resume' }).click();
    // It can be pressed once the evaluation is over.
    await again.getByRole('button', { name: 'New Selection' }).click({ trial: true, timeout: 120_000 });
    const { code, stderr } = await runCli('select', quiet, '--budget', '10%', '--evaluate');
    expect(code, stderr).toBe(0);
    const stored = (dataset: string): object => Object.fromEntries(contentsOf(dataset));
    expect(stored(join(folder, 'icons'))).toEqual(stored(quiet));
  });

  it('stays stopped at the fifth crash until it is told to start again, and ends with its window', async () => {
    const folder = join(session.folder, 'crashes');
    await drawn(join(folder, 'icons'), 300);
    const workbench = await session.open(folder);
    const panel = await openForm(workbench);
    const stopped = 'ClipCov’s compute server crashed five times in three minutes and stays stopped.';
    let before: number | undefined;
    for (let crash = 1; crash <= 5; crash++) {
      await expect
        .poll(() => servers()[0], { timeout: 10_000 })
        .toSatisfy((pid) => pid !== undefined && pid !== before);
      expect(await workbench.notification(stopped).count()).toBe(0);
      [before] = servers();
      process.kill(before!, 'SIGKILL');
    }
    const message = workbench.notification(stopped);
    await message.waitFor();
    expect(await message.getByRole('button').allInnerTexts()).toEqual(
      expect.arrayContaining(['Restart', 'Show Log']),
    );
    expect(servers()).toEqual([]);
    await workbench.screenshot('server-stopped');
    await workbench.answerNotification(stopped, 'Restart');
    await expect.poll(servers, { timeout: 10_000 }).toHaveLength(1);
    await panel.getByRole('button', { name: 'Start' }).click();
    await panel.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 60_000 });

    await workbench.page.close();
    await session.server.dispose();
    await expect.poll(servers, { timeout: 5_000 }).toEqual([]);
  });
});
