import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { describe, expect, it } from 'vitest';
import { JobRunner } from '../../../server/host/jobRunner.js';
import { LIMITS } from '../../../server/host/limits.js';
import { collectProgress, connect, firstProgress, startHost } from './harness.js';

interface Span {
  started: number;
  ended: number;
}
const cancelled = { code: -32000, data: { code: 'cancelled' } };
const died = { code: -32000, data: { code: 'worker-died', fix: expect.any(String) } };

describe('a job', () => {
  it('gets its name and its validated parameters, and answers', async () => {
    const client = await connect(await startHost());
    expect(await client.send('evaluate', { source: 'echo', subset: 's' })).toEqual({
      job: 'evaluate',
      params: { source: 'echo', subset: 's', device: 'auto', memory: 2, on: [], approvedRoots: [] },
    });
  });

  it('runs alone, in the order of arrival, across connections', async () => {
    const host = await startHost();
    const [one, two] = [await connect(host), await connect(host)];
    const first = one.send('inspect', { source: 'take:80' });
    const running = firstProgress(one, 'b');
    const second = one.send('inspect', { source: 'take:40' }, 'b');
    const third = running.then(() => two.send('inspect', { source: 'take:0' }));
    const spans = (await Promise.all([first, second, third])) as Span[];
    for (let next = 1; next < spans.length; next++)
      expect(spans[next]?.started).toBeGreaterThan(spans[next - 1]?.ended ?? Infinity);
  });

  it('reports progress sparingly, loses neither path nor previews, and ends on the last value', async () => {
    const client = await connect(await startHost());
    const seen = collectProgress(client, 'p');
    const start = Date.now();
    await client.send('inspect', { source: 'burst' }, 'p');
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.length).toBeLessThanOrEqual((Date.now() - start) / 100 + 2);
    expect(seen.at(-1)).toMatchObject({ done: 400 });
    expect(seen.filter(({ subset }) => subset === '/s')).toHaveLength(1);
    expect(seen.filter(({ previews }) => previews?.[0]?.id === 3)).toHaveLength(1);
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).toSorted((a, b) => a - b));
  });

  it('reports to nobody where no token was given', async () => {
    const client = await connect(await startHost());
    const stray: unknown[] = [];
    client.connection.onUnhandledProgress((value) => stray.push(value));
    await client.send('inspect', { source: 'burst' });
    expect(stray).toEqual([]);
  });

  it('that fails for a known reason is answered with it', async () => {
    const host = await startHost();
    const failed = (await connect(host)).send('inspect', { source: 'known-error' });
    await expect(failed).rejects.toMatchObject({
      code: -32000,
      message: 'Row 7 has no image.',
      data: { code: 'no-image', where: 'a.csv:7', fix: 'Add it.' },
    });
    expect(host.log).toEqual([
      'info job=inspect state=started',
      expect.stringMatching(/^info job=inspect state=no-image seconds=\d+\.\d$/),
    ]);
  });

  it('that meets a defect leaves the stack in the log only', async () => {
    const host = await startHost();
    const error = await (
      await connect(host)
    )
      .send('inspect', { source: 'defect' })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: -32603, message: 'internal error, see the server log' });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(host.log.join('\n')).toContain('at secret.ts:1');
  });

  it('that prints does so into the log', async () => {
    const host = await startHost();
    await (await connect(host)).send('inspect', { source: 'print' });
    await expect.poll(() => host.log).toContain('printed by a job');
  });

  it('whose thread stays behind does not hold up the next one', async () => {
    const client = await connect(await startHost({ limits: { lingerMs: 20 } }));
    await client.send('inspect', { source: 'lingering:900' });
    const start = Date.now();
    await client.send('inspect', { source: 'echo' });
    expect(Date.now() - start).toBeLessThan(850);
  });
});

describe('cancelling', () => {
  it('a running job stops it', async () => {
    const client = await connect(await startHost());
    const cancel = new CancellationTokenSource();
    const running = firstProgress(client, 'p');
    const job = client.send('inspect', { source: 'until-cancelled' }, 'p', cancel.token);
    await running;
    cancel.cancel();
    await expect(job).rejects.toMatchObject(cancelled);
    await expect(client.send('inspect', { source: 'echo' })).resolves.toBeDefined();
  });

  it('a queued job takes it out of the queue at once', async () => {
    const client = await connect(await startHost());
    const first = new CancellationTokenSource();
    const second = new CancellationTokenSource();
    const seen = collectProgress(client, 'second');
    const blocking = client.send('inspect', { source: 'until-cancelled' }, null, first.token);
    const queued = client.send('inspect', { source: 'take:0' }, 'second', second.token);
    const behind = client.send('inspect', { source: 'take:0' });
    second.cancel();
    await expect(queued).rejects.toMatchObject(cancelled);
    first.cancel();
    await expect(blocking).rejects.toMatchObject(cancelled);
    await expect(behind).resolves.toBeDefined();
    expect(seen).toEqual([]);
  });

  it('before the request is dispatched is honoured too', async () => {
    const client = await connect(await startHost());
    const cancel = new CancellationTokenSource();
    const job = client.send('inspect', { source: 'until-cancelled' }, null, cancel.token);
    cancel.cancel();
    await expect(job).rejects.toMatchObject(cancelled);
  });

  it('a deaf job is answered after a while; the next one waits for its thread', async () => {
    const client = await connect(await startHost({ limits: { cancelMs: 50 } }));
    const cancel = new CancellationTokenSource();
    const running = firstProgress(client, 'p');
    const job = client.send('inspect', { source: 'deaf:1000' }, 'p', cancel.token);
    await running;
    const blockedUntil = performance.timeOrigin + performance.now() + 400;
    cancel.cancel();
    await expect(job).rejects.toMatchObject(cancelled);
    expect(performance.timeOrigin + performance.now()).toBeLessThan(blockedUntil);
    const next = (await client.send('inspect', { source: 'take:0' })) as Span;
    expect(next.started).toBeGreaterThan(blockedUntil);
  });

  it('a job that never stops: the ones behind it are refused, and taken again once it has', async () => {
    const client = await connect(await startHost({ limits: { cancelMs: 20, stuckMs: 50 } }));
    const cancel = new CancellationTokenSource();
    const running = firstProgress(client, 'p');
    const job = client.send('inspect', { source: 'deaf:1200' }, 'p', cancel.token);
    await running;
    cancel.cancel();
    await expect(job).rejects.toMatchObject(cancelled);
    const stuck = { data: { code: 'worker-stuck' } };
    await expect(client.send('inspect', { source: 'echo' })).rejects.toMatchObject(stuck);
    await expect(client.send('inspect', { source: 'echo' })).rejects.toMatchObject(stuck);
    await expect
      .poll(() => client.send('inspect', { source: 'echo' }).catch(() => null), { timeout: 3000 })
      .not.toBeNull();
  });

  it('by closing the connection stops its jobs, and nobody else’s', async () => {
    const host = await startHost();
    const [leaving, staying] = [await connect(host), await connect(host)];
    const running = firstProgress(leaving, 'p');
    const job = leaving.send('inspect', { source: 'until-cancelled' }, 'p');
    const queued = leaving.send('inspect', { source: 'until-cancelled' });
    const refused = expect(Promise.allSettled([job, queued])).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    await running;
    leaving.socket.terminate();
    await refused;
    await expect(staying.send('inspect', { source: 'echo' })).resolves.toBeDefined();
    expect(host.log.filter((line) => !line.startsWith('info '))).toEqual([]);
  });
});

describe('a worker that dies', () => {
  it.each([
    ['by an exception', 'throw', 'thrown in the thread'],
    ['by exiting', 'exit', 'exit code 3'],
    ['without a word', 'silent', 'exit code 0'],
    ['of memory', 'exhaust', 'ran out of memory'],
  ])('%s is answered, and the next job runs', async (_, source, reason) => {
    const client = await connect(await startHost({ limits: { heapMb: 24 } }));
    const job = client.send('inspect', { source });
    await expect(job).rejects.toMatchObject(died);
    await expect(job).rejects.toThrow(reason);
    await expect(client.send('inspect', { source: 'echo' })).resolves.toBeDefined();
  });

  it('before it starts is answered', async () => {
    const client = await connect(
      await startHost({ worker: new URL('./fixtures/none.mjs', import.meta.url) }),
    );
    await expect(client.send('inspect', { source: 'echo' })).rejects.toMatchObject(died);
  });
});

describe('closing the host', () => {
  it('cancels what runs and what waits, and ends every connection', async () => {
    const host = await startHost();
    const client = await connect(host);
    const running = firstProgress(client, 'p');
    const jobs = [
      client.send('inspect', { source: 'until-cancelled' }, 'p'),
      client.send('inspect', { source: 'echo' }),
    ];
    const refused = expect(Promise.allSettled(jobs)).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    await running;
    await host.close();
    expect(await client.closed).toBe(1001);
    await refused;
    await expect(connect(host)).rejects.toThrow('ECONNREFUSED');
  });

  it('does not wait for a client that does not listen', async () => {
    const host = await startHost();
    const client = await connect(host);
    client.socket.pause();
    await host.close();
  });

  it('cancels a job whose caller has not', async () => {
    const worker = new URL('./fixtures/testWorker.mjs', import.meta.url);
    const runner = new JobRunner({ ...LIMITS, worker, log: () => undefined });
    const request = { job: 'inspect', signal: new AbortController().signal };
    let refused: Promise<void> | undefined;
    await new Promise<void>((started) => {
      const job = runner.run({ ...request, params: { source: 'until-cancelled' }, report: () => started() });
      refused = expect(job).rejects.toThrow('Cancelled.');
    });
    await runner.close();
    await refused;
    await expect(runner.run({ ...request, params: {}, report: () => undefined })).rejects.toThrow(
      'Cancelled.',
    );
  });
});
