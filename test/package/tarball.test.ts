import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packCommand } from '../../.ci/package/tarball.js';
import { makeDataset, runCommand, scratchFolder } from '../server/cli.js';
import { testTools } from '../setup/paths.js';

const run = promisify(execFile);
const scratch = scratchFolder();

/** A proxy that leads to one host alone, and remembers who asked for another. */
function gate(host: string): { server: Server; refused: string[] } {
  const refused: string[] = [];
  const server = createServer((request, response) => {
    refused.push(request.url ?? '');
    response.writeHead(403).end();
  });
  server.on('connect', (request, client, head) => {
    const [name, port] = request.url!.split(':');
    if (name !== host) {
      refused.push(request.url!);
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(Number(port), name, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const end of [client, upstream]) end.on('error', () => (client.destroy(), upstream.destroy()));
  });
  return { server, refused };
}

let server: Server | undefined;
afterAll(() => server?.close());

let installed: string;
let refused: string[];
beforeAll(async () => {
  const tarball = await packCommand(undefined, testTools);
  const { stdout } = await run('npm', ['config', 'get', 'registry'], { cwd: scratch });
  ({ server, refused } = gate(new URL(stdout.trim()).hostname));
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // As on a machine that knows nothing of this repository: no setting of its .npmrc, and scripts that download see the proxy.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/onnx|^npm_/i.test(name)));
  const prefix = join(scratch, 'prefix');
  await run('npm', ['install', '--global', '--prefix', prefix, '--registry', stdout.trim(), tarball], {
    cwd: scratch,
    env: {
      ...env,
      HTTPS_PROXY: proxy,
      HTTP_PROXY: proxy,
      GLOBAL_AGENT_HTTPS_PROXY: proxy,
      GLOBAL_AGENT_HTTP_PROXY: proxy,
    },
    maxBuffer: 1 << 26,
  });
  installed = join(prefix, 'lib/node_modules/clipcov');
  // Its command is what the tests run.
  expect(existsSync(join(prefix, 'bin/clipcov'))).toBe(true);
}, 300_000);

it('installs from the registry alone', () => {
  expect(refused).toEqual([]);
  const { scripts } = JSON.parse(
    readFileSync(join(installed, 'node_modules/onnxruntime-node/package.json'), 'utf8'),
  ) as { scripts?: object };
  expect(scripts).toBeUndefined();
});

it('selects a subset where it was installed', async () => {
  const dataset = join(scratch, 'data');
  await makeDataset(dataset, 24);
  const command = join(scratch, 'prefix/bin/clipcov');
  const { code, stdout, stderr } = await runCommand(command, ['select', dataset, '--budget', '25%', '--json'])
    .ended;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ device: expect.stringContaining('cpu') });
  expect((JSON.parse(stdout) as { picks: number[] }).picks).toHaveLength(6);
});

it('can be asked for CUDA’s libraries, for which it has all that ONNX Runtime’s installer needs', () => {
  for (const name of ['adm-zip', 'global-agent', 'onnxruntime-node/script'])
    expect(existsSync(join(installed, 'node_modules', name)), name).toBe(true);
});
