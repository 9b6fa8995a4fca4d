import type { RawData, WebSocket } from 'ws';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  Message,
  type DataCallback,
  type Disposable,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';
import { parseMessage } from './parseMessage.js';

/** Messages taken in but not dispatched, above which reading pauses: a flood then waits in the kernel, not here. */
const BACKLOG = 64;

/**
 * JSON-RPC over one WebSocket, a message per text frame; the same for the server and the extension. The caller
 * registers its handlers, then calls `listen()`. Requests still open when the socket closes are rejected.
 */
export function connectSocket(socket: WebSocket): MessageConnection {
  const reader = new SocketReader(socket);
  const writer = new SocketWriter(socket, (message) => reader.answered(message));
  const connection = createMessageConnection(reader, writer, undefined, {
    messageStrategy: {
      handleMessage: (message, next) => {
        reader.dispatched(message);
        return next(message);
      },
    },
  });
  connection.onClose(() => connection.dispose());
  return connection;
}

class SocketReader extends AbstractMessageReader implements MessageReader {
  readonly #waiting = new Set<unknown>();
  /** Requests that were dispatched and have no answer yet, by id. */
  readonly #running = new Set<unknown>();

  constructor(private readonly socket: WebSocket) {
    super();
    socket.on('error', (error) => this.fireError(error));
    socket.on('close', () => this.fireClose());
  }

  listen(callback: DataCallback): Disposable {
    const onFrame = (data: RawData, isBinary: boolean): void => {
      if (this.socket.readyState !== this.socket.OPEN) return;
      if (isBinary) return this.#refuse(1003, 'binary frames are not accepted');
      const message = parseMessage(data.toString());
      if (typeof message === 'string') return this.#refuse(1007, message);
      // The queue inside the connection is keyed by id: a second one would silently replace the first.
      if (this.#waiting.has(queueKey(message))) return this.#refuse(1007, 'an id is used twice');
      // The cancellation of what runs is acted on at once: it is never dispatched, and would be waited for without end.
      if (!this.#running.has(cancelled(message))) this.#waiting.add(queueKey(message));
      if (this.#waiting.size >= BACKLOG) this.socket.pause();
      callback(message);
    };
    this.socket.on('message', onFrame);
    return { dispose: () => this.socket.off('message', onFrame) };
  }

  dispatched(message: Message): void {
    this.#waiting.delete(queueKey(message));
    if (Message.isRequest(message)) this.#running.add(message.id);
    if (this.socket.isPaused && this.#waiting.size < BACKLOG) this.socket.resume();
  }

  answered(message: Message): void {
    if (Message.isResponse(message)) this.#running.delete(message.id);
  }

  #refuse(code: number, reason: string): void {
    this.fireError(new Error(`Message refused: ${reason}.`));
    this.socket.close(code, reason);
  }
}

class SocketWriter extends AbstractMessageWriter implements MessageWriter {
  constructor(
    private readonly socket: WebSocket,
    private readonly sent: (message: Message) => void,
  ) {
    super();
  }

  /** Settles once the message has left this process, which lets a sender of progress wait for a slow reader. */
  write(message: Message): Promise<void> {
    this.sent(message);
    return new Promise((resolve, reject) => {
      this.socket.send(JSON.stringify(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): void {
    this.socket.close(1000);
  }
}

/** The id of the request that a message cancels; undefined for any other message. */
function cancelled(message: Message): unknown {
  return Message.isNotification(message) && message.method === '$/cancelRequest'
    ? (message.params as { id?: unknown }).id
    : undefined;
}

function queueKey(message: Message): unknown {
  if (Message.isRequest(message)) return `request ${message.id}`;
  return Message.isResponse(message) ? `response ${message.id}` : message;
}
