import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Refusal {
  status: '401 Unauthorized' | '403 Forbidden' | '503 Service Unavailable';
  reason: string;
}

/**
 * Whether an upgrade may go on; null where it may. Loopback alone protects nothing: every web page can reach
 * 127.0.0.1, and so can every other user of the machine.
 */
export function authorise(request: IncomingMessage, port: number, token: string): Refusal | null {
  // Browsers always send Origin and pages cannot suppress it; our client is no browser and sends none.
  if (request.headers.origin !== undefined)
    return { status: '403 Forbidden', reason: 'Browsers are not served.' };
  // A page that rebinds its own DNS name to 127.0.0.1 still names itself here.
  const hosts = request.headersDistinct.host ?? [];
  if (hosts.length !== 1 || ![`127.0.0.1:${port}`, `localhost:${port}`].includes(hosts[0] ?? ''))
    return { status: '403 Forbidden', reason: 'Wrong Host.' };
  if (!sameSecret(request.headers.authorization ?? '', `Bearer ${token}`))
    return { status: '401 Unauthorized', reason: 'Wrong or missing token.' };
  return null;
}

/** Answers an upgrade in plain HTTP and drops the connection. */
export function refuse(socket: Duplex, { status, reason }: Refusal): void {
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(reason)}`,
  ];
  // The peer may be gone already; there is nobody left to tell.
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${reason}`, () => socket.destroy());
}

/** Digests have one length, so that neither content nor length of the secret shows in the time taken. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
