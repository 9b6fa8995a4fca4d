import { describe, expect, it } from 'vitest';
import { ClipcovError } from '../../../server/errors.js';
import { connect, startHost } from './harness.js';

const invalid = -32602;

describe('hello', () => {
  it('must come first', async () => {
    const client = await connect(await startHost(), { hello: false });
    for (const method of ['inspect', 'page', 'nonsense'])
      await expect(client.send(method, {})).rejects.toMatchObject({ code: -32002 });
    expect(await client.send('hello', { protocol: 1 })).toEqual({ protocol: 1, version: '1.2.3' });
    await expect(client.send('inspect', { source: 'echo' })).resolves.toBeDefined();
  });

  it('of another version opens nothing and says what to do', async () => {
    const client = await connect(await startHost(), { hello: false });
    await expect(client.send('hello', { protocol: 2 })).rejects.toMatchObject({
      code: -32000,
      message: 'The client speaks protocol 2, this server (ClipCov 1.2.3) speaks 1.',
      data: { code: 'protocol-mismatch', where: null, fix: expect.stringContaining('same version') },
    });
    await expect(client.send('inspect', { source: 'echo' })).rejects.toMatchObject({ code: -32002 });
  });

  it('must come in time', async () => {
    const { closed } = await connect(await startHost({ limits: { helloMs: 50 } }), { hello: false });
    expect(await closed).toBe(1008);
  });

  it('is needed on every connection', async () => {
    const host = await startHost();
    await connect(host);
    const second = await connect(host, { hello: false });
    await expect(second.send('inspect', { source: 'echo' })).rejects.toMatchObject({ code: -32002 });
  });
});

describe('a request', () => {
  it.each(['nonsense', 'constructor', '__proto__', 'toString', 'hasOwnProperty', ''])(
    'of the unknown method "%s" is refused',
    async (method) => {
      const client = await connect(await startHost());
      await expect(client.send(method, {})).rejects.toMatchObject({
        code: -32601,
        message: `There is no method '${method}'.`,
      });
    },
  );

  it.each([
    ['inspect', {}, 'inspect: source: Invalid input: expected string, received undefined'],
    ['inspect', { source: 'x', more: 1 }, 'inspect: params: Unrecognized key: "more"'],
    ['inspect', { source: 'x', 'a\nb': 1 }, 'inspect: params: Unrecognized key: "a b"'],
    [
      'select',
      { source: 'x', budget: 10 },
      'select: budget: Invalid input: expected string, received number',
    ],
    [
      'select',
      { source: 'x', budget: '1', weights: { redundancy: -1 } },
      'select: weights.redundancy: Too small',
    ],
    ['page', { subset: 's', offset: 0, limit: 501 }, 'page: limit: Too big'],
    ['thumbnails', { subset: 's', ids: [0, 1.5] }, 'thumbnails: ids.1: Invalid input'],
    ['export', { subset: 's', format: 'exe', out: 'o' }, 'export: format: Invalid option'],
    ['inspect', null, 'inspect: params: Invalid input'],
  ])('%s with %j is refused, the field named', async (method, params, message) => {
    const client = await connect(await startHost());
    const refusal = client.send(method, params);
    await expect(refusal).rejects.toMatchObject({ code: invalid });
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.not.toThrow('\n');
  });

  it.each([
    ['without the wrapping', { source: 'echo' }],
    ['with something beside the wrapping', { params: { source: 'echo' }, progress: null, more: 1 }],
    ['without a word on progress', { params: { source: 'echo' } }],
    ['with a number for a progress token', { params: { source: 'echo' }, progress: 1 }],
    ['with a list', [{ params: { source: 'echo' }, progress: null }]],
  ])('%s is refused', async (_, content) => {
    const { connection } = await connect(await startHost());
    await expect(connection.sendRequest('inspect', content)).rejects.toMatchObject({ code: invalid });
  });

  it('that is a query is answered on the spot, defaults filled in', async () => {
    const seen: unknown[] = [];
    const thumbnails = async (params: unknown): Promise<unknown> => {
      seen.push(params);
      return [{ id: 1, uri: null }];
    };
    const client = await connect(await startHost({ queries: { thumbnails } }));
    expect(await client.send('thumbnails', { subset: 's', ids: [1] })).toEqual([{ id: 1, uri: null }]);
    expect(seen).toEqual([{ subset: 's', ids: [1], approvedRoots: [], size: 'small' }]);
  });

  it('that fails for a known reason is answered with what, where and what to do', async () => {
    const openSubset = async (): Promise<never> => {
      throw new ClipcovError('not-a-subset', 'This is no subset.', {
        where: '/a.json',
        fix: 'Choose another.',
      });
    };
    const host = await startHost({ queries: { openSubset } });
    await expect((await connect(host)).send('openSubset', { subset: 's' })).rejects.toMatchObject({
      code: -32000,
      message: 'This is no subset.',
      data: { code: 'not-a-subset', where: '/a.json', fix: 'Choose another.' },
    });
    expect(host.log).toEqual([]);
  });

  it('that meets a defect leaves the stack in the log and out of the answer', async () => {
    const openSubset = async (): Promise<never> => {
      throw new TypeError('secret detail');
    };
    const host = await startHost({ queries: { openSubset } });
    const error = await (
      await connect(host)
    )
      .send('openSubset', { subset: 's' })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: -32603,
      message: 'internal error, see the server log',
      data: undefined,
    });
    expect(host.log.join('\n')).toMatch(/TypeError: secret detail\n\s+at .*session\.test\.ts/);
  });

  it('too many at once are refused, and taken again later', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const host = await startHost({ queries: { openSubset: () => held }, limits: { pending: 4 } });
    const client = await connect(host);
    const waiting = Array.from({ length: 4 }, () => client.send('openSubset', { subset: 's' }));
    await expect(client.send('openSubset', { subset: 's' })).rejects.toMatchObject({
      data: { code: 'too-many-requests' },
    });
    // The limit is each connection's own.
    await expect((await connect(host)).send('inspect', { source: 'echo' })).resolves.toBeDefined();
    release();
    await Promise.all(waiting);
    await expect(client.send('openSubset', { subset: 's' })).resolves.toBeNull();
  });
});
