import { existsSync } from 'node:fs';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { expect, it } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess } from '../../../extension/server/process.js';
import { CLI, startCli } from '../cli.js';
import { arrived, incomplete, sendOnly, until } from './environment.js';
import { REPO } from './fakeHub.js';

it('clipcov models pull stops at ^C within a second', async () => {
  sendOnly(100_000);
  const { child, ended } = startCli(['models', 'pull', REPO, '--yes']);
  await until(arrived(100_000));
  const asked = performance.now();
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(performance.now() - asked).toBeLessThan(1000);
  expect(existsSync(incomplete())).toBe(true);
});

it('a pull over the socket is cancelled within a second', async () => {
  const server = await startProcess(CLI, () => undefined);
  const client = await Client.connect(server.handshake);
  sendOnly(100_000);
  const source = new CancellationTokenSource();
  const running = client.request('pullModel', { name: REPO }, { token: source.token });
  running.catch(() => undefined);
  await until(arrived(100_000));
  const asked = performance.now();
  source.cancel();
  await expect(running).rejects.toMatchObject({ data: { code: 'cancelled' } });
  expect(performance.now() - asked).toBeLessThan(1000);
  client.dispose();
  await server.stop();
});
