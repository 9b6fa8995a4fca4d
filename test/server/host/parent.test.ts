import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, firstProgress } from './harness.js';

interface Started {
  pid: number;
  port: number;
  token: string;
}

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const children: ChildProcess[] = [];
const servers: number[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const pid of servers.splice(0)) if (!isGone(pid)) process.kill(pid, 'SIGKILL');
});

function run(args: string[], stdio: StdioOptions): ChildProcess {
  const child = spawn(process.execPath, args, { stdio });
  children.push(child);
  return child;
}

/** A process of its own that starts the server with a pipe to itself, or with the standard input given here. */
async function startParent(stdin?: Readable): Promise<{ parent: ChildProcess; server: Started }> {
  const script = fixture('serverProcess.ts');
  const handed = stdin ? 'inherit' : 'pipe';
  const parent = run([fixture('parentProcess.mjs'), script, handed], [stdin ?? 'ignore', 'pipe', 'inherit']);
  const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
  const server = JSON.parse(line.toString()) as Started;
  servers.push(server.pid);
  return { parent, server };
}

async function startServer(): Promise<{
  server: ChildProcess;
  address: Started;
  out: string[];
  err: string[];
}> {
  const server = run(['--import', 'tsx', fixture('serverProcess.ts')], 'pipe');
  const [out, err]: [string[], string[]] = [[], []];
  server.stdout!.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  server.stderr!.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  await once(server.stdout!, 'data');
  return { server, address: JSON.parse(out.join('')) as Started, out, err };
}

/** A process that ended but was not yet collected by whoever inherited it is gone as well. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

const within5s = { timeout: 5_000, interval: 50 };

describe('a server of its own', { timeout: 20_000 }, () => {
  it('prints its address in one line, the token nowhere else, and ends with its standard input', async () => {
    const { server, address, out, err } = await startServer();
    const client = await connect(address, { token: address.token });
    await client.send('inspect', { source: 'print' });
    server.stdin!.end();
    expect(await once(server, 'close')).toEqual([0, null]);
    expect(out.join('')).toBe(
      `${JSON.stringify({ port: address.port, token: address.token, protocol: 1 })}\n`,
    );
    expect(address.token).toMatch(/^[0-9a-f]{64}$/);
    expect(err.join('')).toContain('printed by a job');
    expect(err.join('')).not.toContain(address.token);
    expect(await client.closed).toBe(1001);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends in good order on %s, its jobs cancelled', async (signal) => {
    const { server, address } = await startServer();
    const client = await connect(address, { token: address.token });
    const running = firstProgress(client, 'p');
    const job = client.send('inspect', { source: 'until-cancelled' }, 'p').catch(() => 'refused');
    await running;
    server.kill(signal);
    expect(await once(server, 'close')).toEqual([0, null]);
    expect(await job).toBe('refused');
  });

  it('ends when its parent is killed', async () => {
    const { parent, server } = await startParent();
    expect(isGone(server.pid)).toBe(false);
    parent.kill('SIGKILL');
    await expect.poll(() => isGone(server.pid), within5s).toBe(true);
  });

  it('ends when its parent is killed, even with a job in native code', async () => {
    const { parent, server } = await startParent();
    const client = await connect(server, { token: server.token });
    const running = firstProgress(client, 'p');
    const job = client.send('inspect', { source: 'deaf:60000' }, 'p').catch(() => 'refused');
    await running;
    parent.kill('SIGKILL');
    await expect.poll(() => isGone(server.pid), within5s).toBe(true);
    expect(await job).toBe('refused');
  });

  it('ends when its parent is killed, even if another process keeps the pipe open', async () => {
    const holder = run(['-e', 'setInterval(() => undefined, 1000)'], ['ignore', 'pipe', 'inherit']);
    const { parent, server } = await startParent(holder.stdout!);
    parent.kill('SIGKILL');
    await expect.poll(() => isGone(server.pid), within5s).toBe(true);
    expect(isGone(holder.pid!)).toBe(false);
  });
});
