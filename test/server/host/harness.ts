import { once } from 'node:events';
import { request, type OutgoingHttpHeaders } from 'node:http';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { ProgressType, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc/node';
import { serve, type Host, type ServeOptions } from '../../../server/host/serve.js';
import { PROTOCOL_VERSION } from '../../../server/protocol/contract.js';
import type { JobProgress } from '../../../server/protocol/progress.js';
import { connectSocket } from '../../../server/protocol/socket.js';

export const TOKEN = 'a1'.repeat(32);
export const HELLO = { params: { protocol: PROTOCOL_VERSION }, progress: null };

export interface TestHost extends Host {
  log: string[];
}

export interface Client {
  socket: WebSocket;
  connection: MessageConnection;
  /** The code the socket was closed with. */
  closed: Promise<number>;
  send(
    method: string,
    params: unknown,
    progress?: string | null,
    token?: CancellationToken,
  ): Promise<unknown>;
}

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

export async function startHost(options: Partial<ServeOptions> = {}): Promise<TestHost> {
  const log: string[] = [];
  const host = await serve({
    token: TOKEN,
    version: '1.2.3',
    worker: new URL('./fixtures/testWorker.mjs', import.meta.url),
    queries: {},
    log: (line) => log.push(line),
    ...options,
  });
  cleanup.push(() => host.close());
  return { ...host, log };
}

export async function openSocket(port: number, token = TOKEN): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { Authorization: `Bearer ${token}` } });
  cleanup.push(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

export async function connect(
  { port }: { port: number },
  { token = TOKEN, hello = true }: { token?: string; hello?: boolean } = {},
): Promise<Client> {
  const socket = await openSocket(port, token);
  const connection = connectSocket(socket);
  connection.listen();
  const closed = once(socket, 'close').then(([code]) => code as number);
  if (hello) await connection.sendRequest('hello', HELLO);
  return {
    socket,
    connection,
    closed,
    send: (method, params, progress = null, cancel) =>
      connection.sendRequest(method, { params, progress }, ...(cancel ? [cancel] : [])),
  };
}

/** Everything reported under a token, in order. */
export function collectProgress({ connection }: Client, token: string): JobProgress[] {
  const seen: JobProgress[] = [];
  connection.onProgress(new ProgressType<JobProgress>(), token, (value) => void seen.push(value));
  return seen;
}

/** Settles with the first progress under a token, which tells that the job runs. */
export function firstProgress({ connection }: Client, token: string): Promise<JobProgress> {
  return new Promise((resolve) => {
    connection.onProgress(new ProgressType<JobProgress>(), token, (value) => resolve(value));
  });
}

export interface HttpAnswer {
  status: number;
  body: string;
}

/** Asks over plain HTTP, with the headers of a WebSocket handshake unless told otherwise. */
export function ask(
  port: number,
  headers: OutgoingHttpHeaders,
  path = '/',
  upgrade = true,
): Promise<HttpAnswer> {
  const handshake = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      host: '127.0.0.1',
      path,
      headers: { ...(upgrade && handshake), ...headers },
    });
    sent.on('error', reject);
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    sent.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.end();
  });
}
