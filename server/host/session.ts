import type { WebSocket } from 'ws';
import { ErrorCodes, ProgressType, ResponseError, type CancellationToken } from 'vscode-jsonrpc/node';
import { Cancelled, ClipcovError } from '../errors.js';
import { PROTOCOL_VERSION, type RequestResults } from '../protocol/contract.js';
import type { JobProgress } from '../protocol/progress.js';
import { connectSocket } from '../protocol/socket.js';
import type { JobRunner } from './jobRunner.js';
import type { Limits } from './limits.js';
import { ProgressFeed } from './progressFeed.js';
import { toResponseError } from './responseError.js';
import { isRequestName, validate } from './validate.js';

/** Parameters are `never` since a table of queries cannot name one type for all; they are validated before. */
export type Queries = Readonly<Record<string, (params: never, signal: AbortSignal) => Promise<unknown>>>;

export interface SessionOptions {
  version: string;
  queries: Queries;
  runner: JobRunner;
  limits: Limits;
  log(line: string): void;
}

const progressType = new ProgressType<JobProgress>();

/** Serves one connection until it closes; its jobs are then cancelled. */
export function openSession(socket: WebSocket, options: SessionOptions): void {
  const { queries, runner, limits, log } = options;
  const connection = connectSocket(socket);
  const open = new Set<AbortController>();
  let greeted = false;
  const greeting = setTimeout(() => socket.close(1008, 'hello did not arrive in time'), limits.helloMs);

  connection.onError(([error]) => log(`connection: ${error.message}`));
  connection.onClose(() => {
    clearTimeout(greeting);
    for (const request of open) request.abort(new Cancelled());
  });
  connection.onRequest(async (method: string, content: unknown, token: CancellationToken) => {
    const request = new AbortController();
    try {
      if (open.size >= limits.pending) throw tooMany(limits.pending);
      open.add(request);
      const cancel = (): void => request.abort(new Cancelled());
      token.onCancellationRequested(cancel);
      if (token.isCancellationRequested) cancel();
      return await answer(method, content, request.signal);
    } catch (error) {
      throw toResponseError(error, log);
    } finally {
      open.delete(request);
    }
  });
  connection.listen();

  async function answer(method: string, content: unknown, signal: AbortSignal): Promise<unknown> {
    if (!greeted && method !== 'hello')
      throw new ResponseError(
        ErrorCodes.ServerNotInitialized,
        `'hello' must come before '${shorten(method)}'.`,
      );
    if (!isRequestName(method))
      throw new ResponseError(ErrorCodes.MethodNotFound, `There is no method '${shorten(method)}'.`);
    const { params, progress } = validate(method, content);
    if (method === 'hello') {
      const reply = greet(params as { protocol: number }, options.version);
      clearTimeout(greeting);
      greeted = true;
      return reply;
    }
    const query = Object.hasOwn(queries, method) ? queries[method] : undefined;
    return query ? query(params as never, signal) : runJob(method, params, progress, signal);
  }

  async function runJob(
    job: string,
    params: unknown,
    token: string | null,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (token === null) return runner.run({ job, params, signal, report: () => undefined });
    const feed = new ProgressFeed(async (value) => connection.sendProgress(progressType, token, value));
    try {
      return await runner.run({ job, params, signal, report: (progress) => feed.push(progress) });
    } finally {
      feed.end();
    }
  }
}

function greet({ protocol }: { protocol: number }, version: string): RequestResults['hello'] {
  if (protocol === PROTOCOL_VERSION) return { protocol: PROTOCOL_VERSION, version };
  throw new ClipcovError(
    'protocol-mismatch',
    `The client speaks protocol ${protocol}, this server (ClipCov ${version}) speaks ${PROTOCOL_VERSION}.`,
    { fix: 'Install the same version of ClipCov on both sides, then reload the window.' },
  );
}

function tooMany(limit: number): ClipcovError {
  return new ClipcovError('too-many-requests', `More than ${limit} requests wait for an answer.`, {
    fix: 'Wait for some of them, or cancel some.',
  });
}

function shorten(method: string): string {
  return method.replace(/\P{ASCII}|\p{Cc}/gu, '?').slice(0, 64);
}
