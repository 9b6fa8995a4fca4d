import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { authorise, refuse } from './authorise.js';
import { JobRunner } from './jobRunner.js';
import { LIMITS, type Limits } from './limits.js';
import { openSession, type Queries } from './session.js';

export interface ServeOptions {
  /** Whoever knows it may use the server. */
  token: string;
  /** ClipCov's version, told in answer to `hello`. */
  version: string;
  /** Script that runs one job in a worker thread (see workerThread.ts). Every request but a query is a job. */
  worker: URL;
  /** Requests that are answered on the socket's own thread. */
  queries: Queries;
  log?: (line: string) => void;
  limits?: Partial<Limits>;
}

export interface Host {
  port: number;
  /** Closes the connections, cancels the jobs, and settles when no job's thread is left. */
  close(): Promise<void>;
}

/** Serves the contract's requests on a free port of 127.0.0.1. */
export async function serve(options: ServeOptions): Promise<Host> {
  const limits = { ...LIMITS, ...options.limits };
  const log = options.log ?? ((line: string): void => void process.stderr.write(`${line}\n`));
  const runner = new JobRunner({ ...limits, worker: options.worker, log });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
  });
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.headersMs,
      connectionsCheckingInterval: 500,
      maxHeaderSize: 8192,
    },
    answerPlainHttp,
  );
  // Connections that are not authorised yet count here too; they have `headersMs` to become so.
  server.maxConnections = limits.connections * 4;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  server.on('upgrade', (request, socket, head) => {
    const refusal = authorise(request, port, options.token);
    if (refusal) return refuse(socket, refusal);
    if (sockets.clients.size >= limits.connections)
      return refuse(socket, { status: '503 Service Unavailable', reason: 'Too many connections.' });
    sockets.handleUpgrade(request, socket, head, (client) =>
      openSession(client, { version: options.version, queries: options.queries, runner, limits, log }),
    );
  });

  return {
    port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      const closed = [...sockets.clients].map((client) => {
        client.close(1001, 'the server ends');
        return new Promise<void>((resolve) => client.once('close', () => resolve()));
      });
      // A client that does not answer the closing handshake is not waited for.
      const timer = setTimeout(() => sockets.clients.forEach((client) => client.terminate()), 500);
      await Promise.all([runner.close(), ...closed]);
      clearTimeout(timer);
    },
  };
}

function answerPlainHttp(request: IncomingMessage, response: ServerResponse): void {
  const status = request.url === '/' ? 426 : 404;
  response.writeHead(status, { Connection: 'close', ...(status === 426 && { Upgrade: 'websocket' }) }).end();
}
