import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawn } from '../demo/drawn.js';
import { computeServers } from '../setup/processes.js';
import { openForm, startRun } from './selecting.js';
import { useSession } from './session.js';

const session = useSession();

describe('faults', () => {
  it('says so when the compute server dies in mid-run, and the next run goes on', async () => {
    const folder = join(session.folder, 'killed');
    await drawn(join(folder, 'icons'), 500);
    const workbench = await session.open(folder);
    const panel = await openForm(workbench);
    await startRun(panel);
    const [pid, ...others] = computeServers(session.server);
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
});
