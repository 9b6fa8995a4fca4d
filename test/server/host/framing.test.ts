import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect, HELLO, openSocket, startHost, type TestHost } from './harness.js';

describe('a frame that is no message', () => {
  let host: TestHost;
  let socket: WebSocket;
  beforeEach(async () => {
    host = await startHost();
    socket = await openSocket(host.port);
  });

  const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

  it.each([
    ['malformed JSON', '{"jsonrpc":"2.0",', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['null', 'null', 'not one JSON-RPC message'],
    ['a number', '7', 'not one JSON-RPC message'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"hello"}]', 'not one JSON-RPC message'],
    ['an endless nesting', '['.repeat(500_000) + ']'.repeat(500_000), 'not one JSON-RPC message'],
    ['a deep nesting', nested(100_000), 'nested too deeply'],
    [
      'a deep nesting in the parameters',
      `{"jsonrpc":"2.0","id":1,"method":"hello","params":${nested(32)}}`,
      'nested too deeply',
    ],
    ['no version', '{"id":1,"method":"hello"}', 'not a JSON-RPC 2.0 message'],
    ['no method', '{"jsonrpc":"2.0","id":1}', 'not a JSON-RPC 2.0 message'],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"hello"}', 'not a JSON-RPC 2.0 message'],
    ['an object for an id', '{"jsonrpc":"2.0","id":{},"method":"hello"}', 'not a JSON-RPC 2.0 message'],
    [
      'text for parameters',
      '{"jsonrpc":"2.0","id":1,"method":"hello","params":"x"}',
      'not a JSON-RPC 2.0 message',
    ],
    [
      'a cancellation of nothing',
      '{"jsonrpc":"2.0","method":"$/cancelRequest"}',
      'not a JSON-RPC 2.0 message',
    ],
    [
      'a cancellation of null',
      '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":null}}',
      'not a JSON-RPC 2.0 message',
    ],
  ])('closes the connection: %s', async (_, text, reason) => {
    socket.send(text);
    const [code, why] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, why.toString()]).toEqual([1007, reason]);
    await connect(host);
  });

  it('closes the connection: binary', async () => {
    socket.send(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hello', params: HELLO })));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1003);
    await connect(host);
  });

  it('closes the connection: too large, also in pieces', async () => {
    socket.send(' '.repeat(2 ** 20 + 1));
    expect(((await once(socket, 'close')) as [number])[0]).toBe(1009);

    const second = await openSocket(host.port);
    for (let piece = 0; piece < 17; piece++) second.send(' '.repeat(2 ** 16), { fin: false });
    expect(((await once(second, 'close')) as [number])[0]).toBe(1009);
    await connect(host);
  });

  it('is the last thing that is looked at', async () => {
    let asked = 0;
    const openSubset = async (): Promise<number> => ++asked;
    const client = await connect(await startHost({ queries: { openSubset } }));
    await client.send('openSubset', { subset: 's' });
    client.socket.send('{');
    client.send('openSubset', { subset: 's' }).catch(() => undefined);
    expect(await client.closed).toBe(1007);
    expect(asked).toBe(1);
  });
});

describe('a socket that is cut', () => {
  it('in mid-message ends its own connection, and nobody else’s', async () => {
    const host = await startHost();
    const staying = await connect(host);
    for (const cut of [1, 3, 7, 40]) {
      const leaving = await openSocket(host.port);
      const [raw, gone] = [rawSocket(leaving), once(leaving, 'close')];
      // A frame of 1,000 bytes, masked as a client must, of which a part arrives.
      const frame = Buffer.concat([
        Buffer.from([0x81, 0xfe, 0x03, 0xe8, 1, 2, 3, 4]),
        Buffer.alloc(1000, 0x61),
      ]);
      raw.write(frame.subarray(0, cut));
      await new Promise((later) => setTimeout(later, 20));
      raw.destroy();
      await gone;
      await expect(staying.send('inspect', { source: 'echo' })).resolves.toBeDefined();
    }
    expect(host.log.filter((line) => !line.startsWith('info '))).toEqual([]);
  });
});

/** The connection below a WebSocket. */
function rawSocket(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

describe('a flood', () => {
  it('of small messages in one go is taken in order and answered in full', async () => {
    const host = await startHost();
    const { connection } = await connect(host);
    const answers = Array.from({ length: 2000 }, (_, turn) =>
      connection.sendRequest('hello', { ...HELLO, turn }).catch((error: Error) => error.message),
    );
    const distinct = new Set(await Promise.all(answers));
    expect(distinct).toEqual(new Set(['hello: Unrecognized key: "turn"']));
  });

  it('of one id closes the connection rather than leave a caller without an answer', async () => {
    const host = await startHost();
    const socket = await openSocket(host.port);
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hello', params: HELLO });
    // One write, so that both arrive before either is dispatched.
    (socket as unknown as { _socket: { cork(): void; uncork(): void } })._socket.cork();
    socket.send(text);
    socket.send(text);
    (socket as unknown as { _socket: { cork(): void; uncork(): void } })._socket.uncork();
    const [code, why] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, why.toString()]).toEqual([1007, 'an id is used twice']);
  });
});
