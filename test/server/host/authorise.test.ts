import { once } from 'node:events';
import { connect as openTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ask, connect, startHost, TOKEN } from './harness.js';

const bearer = { Authorization: `Bearer ${TOKEN}` };

describe('the upgrade', () => {
  it('is granted with the token and a loopback Host', async () => {
    const { port } = await startHost();
    expect(await ask(port, bearer)).toEqual({ status: 101, body: '' });
    expect(await ask(port, { ...bearer, Host: `localhost:${port}` })).toMatchObject({ status: 101 });
  });

  it.each([
    ['no token', undefined],
    ['an empty token', 'Bearer '],
    ['a wrong token of the right length', `Bearer ${'b2'.repeat(32)}`],
    ['a token cut short', `Bearer ${TOKEN.slice(0, -1)}`],
    ['a token with something behind it', `Bearer ${TOKEN}0`],
    ['another scheme', `Basic ${TOKEN}`],
    ['the bare token', TOKEN],
  ])('is refused with %s', async (_, authorization) => {
    const { port } = await startHost();
    const answer = await ask(port, authorization === undefined ? {} : { Authorization: authorization });
    expect(answer).toEqual({ status: 401, body: 'Wrong or missing token.' });
  });

  it('is refused with the token in the address', async () => {
    const { port } = await startHost();
    expect(await ask(port, {}, `/?token=${TOKEN}`)).toMatchObject({ status: 401 });
  });

  it.each(['https://example.com', 'null', 'vscode-webview://x', 'http://127.0.0.1', ''])(
    'is refused with Origin "%s", right token or not',
    async (origin) => {
      const { port } = await startHost();
      expect(await ask(port, { ...bearer, Origin: origin })).toMatchObject({ status: 403 });
      expect(await ask(port, { Origin: origin })).toMatchObject({ status: 403 });
    },
  );

  it('is refused with another Host', async () => {
    const { port } = await startHost();
    const wrong = [
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:${port}.evil.example`,
    ];
    for (const host of wrong)
      expect(await ask(port, { ...bearer, Host: host })).toMatchObject({ status: 403 });
  });

  it('drops the connection after a refusal', async () => {
    const { port } = await startHost();
    const socket = openTcp(port, '127.0.0.1');
    socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    await once(socket, 'close');
  });
});

describe('plain HTTP', () => {
  it('finds nothing, token or not', async () => {
    const { port } = await startHost();
    expect(await ask(port, bearer, '/', false)).toEqual({ status: 426, body: '' });
    expect(await ask(port, bearer, '/index.html', false)).toEqual({ status: 404, body: '' });
  });

  it('is dropped where the headers do not arrive in time', async () => {
    const { port } = await startHost({ limits: { headersMs: 100 } });
    const socket = openTcp(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n');
    socket.resume();
    await once(socket, 'close');
  });
});

describe('many connections', () => {
  it('are served up to the limit, and again once one is gone', async () => {
    const host = await startHost({ limits: { connections: 3 } });
    const [first] = await Promise.all([connect(host), connect(host), connect(host)]);
    expect(await ask(host.port, bearer)).toEqual({ status: 503, body: 'Too many connections.' });
    // Who may not come in does not learn how full it is.
    expect(await ask(host.port, {})).toMatchObject({ status: 401 });
    first.socket.close();
    await first.closed;
    expect(await ask(host.port, bearer)).toMatchObject({ status: 101 });
  });
});
