import { join } from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess, type ServerProcess } from '../../../extension/server/process.js';
import { drawn } from '../../demo/drawn.js';
import { CLI, scratchFolder } from '../cli.js';

const dataset = join(scratchFolder(), 'icons');
let server: ServerProcess;
let client: Client;

beforeAll(async () => {
  await drawn(dataset, 1300);
  server = await startProcess(CLI, () => undefined);
  client = await Client.connect(server.handshake);
});
afterAll(async () => {
  client?.dispose();
  await server?.stop();
});

it('the main job stops within a second of a cancellation', async () => {
  const source = new CancellationTokenSource();
  let asked = 0;
  const running = client.request(
    'select',
    { source: dataset, budget: '20%', device: 'cpu' },
    {
      token: source.token,
      onProgress: ({ stage, done }) => {
        if (asked || stage !== 'embed' || done < 200) return;
        asked = performance.now();
        source.cancel();
      },
    },
  );
  await expect(running).rejects.toMatchObject({ data: { code: 'cancelled' } });
  expect(asked).toBeGreaterThan(0);
  expect(performance.now() - asked).toBeLessThan(1000);
});
