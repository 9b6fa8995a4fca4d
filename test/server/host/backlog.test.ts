import { EventEmitter } from 'node:events';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { connectSocket } from '../../../server/protocol/socket.js';

/** As much of a WebSocket as the connection uses. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  readonly sent: string[] = [];

  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  send(text: string, done: () => void): void {
    this.sent.push(text);
    done();
  }
}

describe('messages that come faster than they are dispatched', () => {
  it('pause the socket, and all are answered', async () => {
    const socket = new FakeSocket();
    const connection = connectSocket(socket as unknown as WebSocket);
    connection.onRequest('double', (n: number) => 2 * n);
    connection.listen();
    const receive = (id: number): void => {
      const text = JSON.stringify({ jsonrpc: '2.0', id, method: 'double', params: [id] });
      socket.emit('message', Buffer.from(text), false);
    };
    for (let id = 0; id < 60; id++) receive(id);
    expect(socket.isPaused).toBe(false);
    for (let id = 60; id < 100; id++) receive(id);
    expect(socket.isPaused).toBe(true);
    await expect.poll(() => socket.sent.length).toBe(100);
    expect(socket.isPaused).toBe(false);
    expect(JSON.parse(socket.sent[99] ?? '')).toMatchObject({ id: 99, result: 198 });
  });

  it('do not count cancellations of what runs, which are acted on at once: a hundred of them later, answers still come', async () => {
    const socket = new FakeSocket();
    const connection = connectSocket(socket as unknown as WebSocket);
    connection.onRequest(
      'wait',
      (token: CancellationToken) =>
        new Promise((resolve) => {
          token.onCancellationRequested(() => resolve('cancelled'));
        }),
    );
    connection.onRequest('ping', () => 'pong');
    connection.listen();
    const receive = (message: object): void =>
      void socket.emit('message', Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })), false);
    for (let id = 0; id < 100; id++) {
      receive({ id, method: 'wait' });
      // Dispatched in a turn of its own.
      await new Promise((done) => setTimeout(done, 2));
      receive({ method: '$/cancelRequest', params: { id } });
      await expect.poll(() => socket.sent.length, { interval: 1 }).toBe(id + 1);
      // One that comes too late is of no request.
      receive({ method: '$/cancelRequest', params: { id } });
    }
    await new Promise((done) => setTimeout(done, 20));
    expect(socket.isPaused).toBe(false);
    receive({ id: 'last', method: 'ping' });
    await expect.poll(() => socket.sent.length).toBe(101);
    expect(JSON.parse(socket.sent[100] ?? '')).toMatchObject({ id: 'last', result: 'pong' });
  });
});
