import WebSocket from 'ws';
import { ProgressType, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc';
import type {
  PROTOCOL_VERSION,
  RequestName,
  RequestParams,
  RequestResults,
} from '../../server/protocol/contract.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import { ClipcovError } from '../../server/errors.js';
import { connectSocket } from '../../server/protocol/socket.js';
import type { Handshake } from './handshake.js';

// Typed, not imported: the value would pull the server's validation into the extension.
const PROTOCOL: typeof PROTOCOL_VERSION = 1;
const CONNECT_MS = 10_000;
const progressType = new ProgressType<JobProgress>();

export interface RequestOptions {
  token?: CancellationToken;
  onProgress?: (progress: JobProgress) => void;
}

/** Typed requests to one running server. */
export class Client {
  private nextToken = 1;
  private ended = false;

  private constructor(
    private readonly socket: WebSocket,
    private readonly connection: MessageConnection,
  ) {
    connection.onClose(() => {
      this.ended = true;
    });
    connection.listen();
  }

  static async connect({ port, token, protocol }: Handshake): Promise<Client> {
    if (protocol !== PROTOCOL)
      throw new ClipcovError('protocol', `The compute server speaks version ${protocol}, not ${PROTOCOL}.`, {
        fix: 'Reload the window; reinstall ClipCov if that does not help.',
      });
    // The token travels in a header: an address ends up in logs.
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
      headers: { Authorization: `Bearer ${token}` },
      handshakeTimeout: CONNECT_MS,
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const client = new Client(socket, connectSocket(socket));
    await client.request('hello', { protocol: PROTOCOL });
    return client;
  }

  async request<M extends RequestName>(
    method: M,
    params: RequestParams<M>,
    { token, onProgress }: RequestOptions = {},
  ): Promise<RequestResults[M]> {
    const progress = onProgress ? `progress-${this.nextToken++}` : null;
    const listener =
      onProgress && progress ? this.connection.onProgress(progressType, progress, onProgress) : null;
    try {
      const content = { params, progress };
      // An absent token must be left out: it would count as a second parameter.
      return await (token
        ? this.connection.sendRequest<RequestResults[M]>(method, content, token)
        : this.connection.sendRequest<RequestResults[M]>(method, content));
    } finally {
      listener?.dispose();
    }
  }

  onClose(listener: () => void): void {
    this.connection.onClose(listener);
  }

  /** Whether requests fail because there is nobody left to answer them. */
  get closed(): boolean {
    return this.ended;
  }

  /** Rejects what is still in flight. */
  dispose(): void {
    if (this.ended) return;
    this.ended = true;
    this.connection.dispose();
    this.socket.close();
  }
}
